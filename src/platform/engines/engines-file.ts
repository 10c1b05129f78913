import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineStartError } from './engine-start-error.js';

/** What must outlive a restart of the engines; kept in `engines.json`, readable by its owner only. */
export interface EnginesFile {
  /** Of the user `rekindle` in both engines. */
  password: string;
  /** False when it was made just now: then data found beside it is not ours. */
  existed: boolean;
}

/** Reads `engines.json`, or makes it. */
export async function openEnginesFile(dataDir: string): Promise<EnginesFile> {
  const path = join(dataDir, 'engines.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text !== undefined) return { password: parsePassword(text, path), existed: true };
  const password = randomBytes(24).toString('hex');
  await writeDurably(path, `${JSON.stringify({ password })}\n`);
  return { password, existed: false };
}

function parsePassword(text: string, path: string): string {
  const password = /"password":\s*"([0-9a-f]{16,})"/.exec(text)?.[1];
  if (password) return password;
  throw new EngineStartError(
    `The file ${path} holds no password of the embedded engines: restore it, or move its folder away to begin anew.`,
  );
}

async function writeDurably(path: string, content: string): Promise<void> {
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
