import { chmod, mkdir, mkdtemp, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preparePostgresPackage } from './postgres-binaries.js';

describe('The package of the embedded PostgreSQL', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'rekindle-package-'));
    await mkdir(join(root, 'native/bin'), { recursive: true });
    await mkdir(join(root, 'native/lib'));
    for (const name of ['postgres', 'initdb', 'pg_ctl']) {
      await writeFile(join(root, 'native/bin', name), '', { mode: 0o644 });
    }
    await writeFile(join(root, 'native/lib/libx.so.1.2'), 'x');
    await writeFile(
      join(root, 'native/pg-symlinks.json'),
      JSON.stringify([
        { source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' },
        { source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so' },
      ]),
    );
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('gets the links and executable bits that a blocked install script did not make', async () => {
    await symlink('libx.so.1.2', join(root, 'native/lib/libx.so'));
    const { postgres } = await preparePostgresPackage(root);
    expect(await readlink(join(root, 'native/lib/libx.so.1'))).toBe('libx.so.1.2');
    expect((await stat(postgres)).mode & 0o777).toBe(0o755);
  });

  it('may be prepared by two processes at once', async () => {
    await Promise.all([preparePostgresPackage(root), preparePostgresPackage(root)]);
    expect(await readlink(join(root, 'native/lib/libx.so'))).toBe('libx.so.1.2');
  });

  it('is used as it is when it lists no links', async () => {
    await rm(join(root, 'native/pg-symlinks.json'));
    await expect(preparePostgresPackage(root)).resolves.toMatchObject({
      initdb: join(root, 'native/bin/initdb'),
    });
  });

  it('is refused in one sentence when a link cannot be made', async () => {
    await rm(join(root, 'native/lib'), { recursive: true });
    await writeFile(join(root, 'native/lib'), 'in the way'); // as root, permissions alone stop nothing
    await chmod(join(root, 'native/lib'), 0o444);
    await expect(preparePostgresPackage(root)).rejects.toThrow(
      /lacks links or executable bits .* set DATABASE_URL\.$/,
    );
  });
});
