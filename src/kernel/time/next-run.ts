import { Cron } from 'croner';

/** A cron expression of five fields (minute, hour, day of month, month, day of week) and the zone it is read in. */
export interface CronSchedule {
  cron: string;
  /** IANA name */
  timeZone: string;
}

/** How many missed moments are gone through; a longer outage is made up for as of now. */
const MISSED_LIMIT = 10_000;

/** Whether the text is a cron expression of five fields; one that never comes round is not. */
export function isCron(text: string): boolean {
  try {
    return nextRun({ cron: text, timeZone: 'UTC' }, 0) !== null;
  } catch {
    return false;
  }
}

export function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

/**
 * The first moment later than `afterMs` at which a schedule is due, ms since 1970; null where there is none.
 *
 * A local time that the clocks skip is due right after the skip; one that comes twice is due the first time only.
 * An expression whose hour is `*` follows the clock of the world: it is due in both of the repeated hours.
 * @throws where the expression or the zone is not valid
 */
export function nextRun(schedule: CronSchedule, afterMs: number): number | null {
  if (!/^\S+(?: +\S+){4}$/.test(schedule.cron)) throw new Error('A cron expression has five fields.');
  const cron = new Cron(schedule.cron, { timezone: schedule.timeZone, mode: '5-part', paused: true });
  return cron.nextRun(new Date(afterMs))?.getTime() ?? null;
}

/**
 * Of the due moments from `dueMs` until `nowMs`, the last: after an outage a schedule is made up for once.
 * @param dueMs a due moment, not later than `nowMs`
 */
export function lastDue(schedule: CronSchedule, dueMs: number, nowMs: number): number {
  let last = dueMs;
  for (let skipped = 0; skipped < MISSED_LIMIT; skipped++) {
    const next = nextRun(schedule, last);
    if (next === null || next > nowMs) return last;
    last = next;
  }
  return nowMs;
}
