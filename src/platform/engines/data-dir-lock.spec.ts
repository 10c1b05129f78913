import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDir, parseHolder } from './data-dir-lock.js';
import { processStart } from './process-identity.js';

describe('The lock on the data folder', () => {
  let folder: string;
  const file = () => join(folder, 'rekindle.pid');
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rekindle-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is refused to a second one while the first lives, and free after its release', async () => {
    const lock = await lockDataDir(folder);
    await expect(lockDataDir(folder)).rejects.toThrow(
      `Another Rekindle (process ${process.pid}) uses the data folder ${folder}`,
    );
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await (await lockDataDir(folder)).release();
  });

  it.each([
    ['its process is gone', () => '4194305\nboot/1\n'],
    ['its pid means another process now', () => `${process.pid}\nboot/1\n`],
    ['it was cut off while it was written', () => ''],
    ['it holds something else', () => 'hello\n'],
  ])('does not count when %s', async (_, content) => {
    await writeFile(file(), content());
    const lock = await lockDataDir(folder);
    expect(await readFile(file(), 'utf8')).toContain((await processStart(process.pid)) ?? 'none');
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['a free folder', undefined],
    ['a stale file', '4194305\nboot/1\nx\n'],
  ])('goes to exactly one of several rivals for %s', async (_, stale) => {
    for (let round = 0; round < 25; round++) {
      if (stale !== undefined) await writeFile(file(), `${stale}${round}`);
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(folder)));
      const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      await winners[0]?.value.release();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('is taken over also from a successor that was killed before it was in its place', async () => {
    const dead = '4194305\nboot/1\na\n';
    const name = createHash('sha256').update(dead).digest('hex').slice(0, 24);
    await writeFile(file(), dead);
    await writeFile(`${file()}.after-${name}`, '4194306\nboot/1\nb\n');
    const lock = await lockDataDir(folder);
    expect(await readdir(folder)).toEqual(['rekindle.pid']);
    await expect(lockDataDir(folder)).rejects.toThrow('Another Rekindle');
    await lock.release();
  });

  it.each([
    ['12\nboot/3\n', { pid: 12, start: 'boot/3' }],
    ['12\n', undefined],
    ['0\nboot/3', undefined],
    ['-1\nboot/3', undefined],
  ])('is read out of %j', (text, holder) => {
    expect(parseHolder(text)).toEqual(holder);
  });
});
