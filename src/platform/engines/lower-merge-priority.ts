import { readdir, readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';

/** As ClickHouse names the threads of its pool for merges and mutations; there are none before the first table. */
const MERGE_THREAD = 'MergeMutate';
const NICENESS = 10;
const LOOK_MS = 1_000;

/**
 * Lets merges take of the processor what answers to SDKs, commits, inserts and queries leave, as soon as there are
 * threads for them. ClickHouse's own setting for it does nothing in the library. On Linux, where a thread has a
 * priority of its own; elsewhere nothing happens.
 * @param known how many of them the look before found: they come one by one, so it looks until there are no more
 */
export async function lowerMergePriority(pid: number, known = 0): Promise<void> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => null);
  if (threads === null) return;
  const merging = await Promise.all(threads.map((id) => isMerging(`/proc/${pid}/task/${id}`)));
  const found = threads.filter((_, i) => merging[i]);
  for (const id of found) tryLowering(Number(id));
  if (found.length === 0 || found.length > known)
    setTimeout(() => void lowerMergePriority(pid, found.length), LOOK_MS).unref();
}

async function isMerging(folder: string): Promise<boolean> {
  return (await readFile(`${folder}/comm`, 'utf8').catch(() => '')).startsWith(MERGE_THREAD);
}

function tryLowering(threadId: number): void {
  try {
    setPriority(threadId, NICENESS);
  } catch {
    // It has ended, or a sandbox forbids it: merges then take their full share.
  }
}
