import { readFile, writeFile } from 'node:fs/promises';

/** Writes a generated file; with `--check` on the command line only compares it, and fails where it differs. */
export async function writeOrCheck(path: string, text: string): Promise<void> {
  if (!process.argv.includes('--check')) {
    await writeFile(path, text);
    return;
  }
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (kept !== text) {
    process.stderr.write(
      `${path} is not up to date: run the command again without --check and commit the result.\n`,
    );
    process.exitCode = 1;
  }
}
