import { createHash, randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineStartError } from './engine-start-error.js';
import { errorCode } from './error-code.js';
import { processStart } from './process-identity.js';

const NAME = 'rekindle.pid';

interface Holder {
  pid: number;
  /** Tells the holder from a later process with the same pid. */
  start: string;
}

export interface DataDirLock {
  release(): Promise<void>;
}

/**
 * Takes the data folder for this process, by the file `rekindle.pid` in it.
 *
 * A holder whose process is gone, by kill -9 or power cut, does not count. It is never removed by name, for
 * the file may be a rival's by then; it is succeeded: who makes the one file named after the dead holder is
 * next, and then puts that file in its place. So of any number of rivals one wins, wherever one of them dies.
 *
 * @throws EngineStartError while another living process holds it
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const root = join(dataDir, NAME);
  const start = (await processStart(process.pid)) ?? '';
  const own = `${process.pid}\n${start}\n${randomUUID()}\n`;
  const draft = `${root}.${randomUUID()}`;
  await writeFile(draft, own, { flag: 'wx' });
  try {
    while (!(await succeed({ root, draft, own, dataDir })));
  } finally {
    await rm(draft, { force: true });
  }
  await removeLeftovers(dataDir);
  return { release: () => release(root, own) };
}

/** Reads a lock file; undefined when it says nothing usable. */
export function parseHolder(text: string): Holder | undefined {
  const [pid = '', start = ''] = text.split('\n');
  return /^[1-9]\d*$/.test(pid) && start !== '' ? { pid: Number(pid), start } : undefined;
}

interface Attempt {
  root: string;
  /** Holds `own` already: linking it makes a file that is complete from its first moment. */
  draft: string;
  own: string;
  dataDir: string;
}

/** @returns false when a rival was faster, whom the next attempt will see */
async function succeed({ root, draft, own, dataDir }: Attempt): Promise<boolean> {
  const last = await lastHolder(root);
  const holder = parseHolder(last.text ?? '');
  if (holder && (await isAlive(holder))) throw heldBy(holder, dataDir);
  try {
    await link(draft, last.successor);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  // Between the two looks a rival may have become the holder, and the chain that was seen is history.
  if ((await lastHolder(root)).text !== own) {
    await rm(last.successor, { force: true });
    return false;
  }
  if (last.successor !== root) await rename(last.successor, root);
  return true;
}

/** The end of the chain of holders: its text, if there is one, and the name of the file that would come next. */
async function lastHolder(root: string): Promise<{ text: string | undefined; successor: string }> {
  let text: string | undefined;
  let successor = root;
  for (;;) {
    const next = await readIfThere(successor);
    if (next === undefined) return { text, successor };
    text = next;
    successor = `${root}.after-${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}

async function isAlive(holder: Holder): Promise<boolean> {
  return (await processStart(holder.pid)) === holder.start;
}

/** What processes left behind that were killed while they took the lock. */
async function removeLeftovers(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(`${NAME}.`)) continue;
    const path = join(dataDir, name);
    const holder = parseHolder((await readIfThere(path)) ?? '');
    if (holder && !(await isAlive(holder))) await rm(path, { force: true });
  }
}

async function release(root: string, own: string): Promise<void> {
  if ((await readIfThere(root)) === own) await rm(root, { force: true });
}

function heldBy(holder: Holder, dataDir: string): EngineStartError {
  return new EngineStartError(
    `Another Rekindle (process ${holder.pid}) uses the data folder ${dataDir}: end it, or set DATA_DIR to another folder.`,
  );
}
