import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * When a process started, as a text that no later process with the same pid has.
 * @returns undefined when no such process lives (a zombie does not)
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return psColumn(pid, 'lstart=');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const ticks = stat === undefined ? undefined : startTicks(stat);
  if (ticks === undefined) return undefined;
  // Ticks count from boot, so the boot belongs to the identity.
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${boot.trim()}/${ticks}`;
}

/** The command line of a living process, its words separated by blanks; undefined when there is none. */
export async function processCommand(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return psColumn(pid, 'command=');
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line === '' ? undefined : line.replaceAll('\0', ' ').trim();
}

/**
 * Start time out of the content of `/proc/<pid>/stat`, in clock ticks since boot.
 * Source: proc_pid_stat(5), fields 3 (state) and 22 (starttime); field 2 is a name that may hold anything.
 */
export function startTicks(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  return state === 'Z' || state === 'X' ? undefined : fields[19];
}

async function psColumn(pid: number, column: string): Promise<string | undefined> {
  const found = await run('ps', ['-o', column, '-p', String(pid)]).catch(() => undefined);
  return found?.stdout.trim() || undefined;
}
