import { readdir, readFile, writeFile } from 'node:fs/promises';

/**
 * Compares a query with its committed file, `<name>.sql` in the folder: bound values first, then the text.
 * UPDATE_GOLDEN=1 writes the files anew; read the difference before it is committed.
 */
export async function expectGolden(
  folder: URL,
  name: string,
  { sql, params }: { sql: string; params: Record<string, unknown> },
): Promise<void> {
  const header = Object.entries(params).map(([key, value]) => `-- ${key} = ${JSON.stringify(value)}`);
  const actual = `${[...header, sql].join('\n')}\n`;
  const file = new URL(`${name}.sql`, folder);
  if (process.env['UPDATE_GOLDEN']) await writeFile(file, actual);
  expect(actual).toBe(await readFile(file, 'utf8'));
}

/** A file that no query is compared with would say nothing. */
export async function expectNoFileBeside(folder: URL, names: readonly string[]): Promise<void> {
  const files = (await readdir(folder)).map((name) => name.replace(/\.sql$/, ''));
  expect(files.sort()).toEqual([...names].sort());
}
