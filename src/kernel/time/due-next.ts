import { lastDue, nextRun } from './next-run.js';

/** What of a thing with a schedule decides when it is due. */
export interface Scheduled {
  state: 'active' | 'paused' | 'archived';
  /** null: never by itself. */
  scheduleCron: string | null;
  scheduleZone: string;
}

/** When it is due next, ms since 1970; null unless it is active and has a schedule. */
export function dueNext(
  { state, scheduleCron: cron, scheduleZone }: Scheduled,
  nowMs: number,
): number | null {
  if (state !== 'active' || cron === null) return null;
  return nextRun({ cron, timeZone: scheduleZone }, nowMs);
}

/**
 * What to do about a thing that is due: as of when it is done, and when it is due next. After an outage only the
 * latest missed moment is made up for.
 */
export function catchUp(
  { scheduleCron: cron, scheduleZone: timeZone, nextRunAt }: Scheduled & { nextRunAt: Date | null },
  nowMs: number,
): { asOf: number; nextRunAt: number | null } {
  const dueMs = nextRunAt?.getTime() ?? nowMs;
  if (cron === null) return { asOf: dueMs, nextRunAt: null };
  return { asOf: lastDue({ cron, timeZone }, dueMs, nowMs), nextRunAt: nextRun({ cron, timeZone }, nowMs) };
}
