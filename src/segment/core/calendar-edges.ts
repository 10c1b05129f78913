import { addDays, addMonths, startOfLocalDay, toLocalTime, toMonday } from '../../kernel/local-date.js';
import { type AnniversaryCondition, anniversaryDays } from './references.js';
import type { AsOf } from './resolve-window.js';
import type { Calendar } from './window.js';

/** The present day, week or month of a calendar window, and when those after it begin. */
export interface CalendarUnits {
  kind: 'day' | 'week' | 'month';
  /** First day of the present unit, `YYYY-MM-DD`. */
  present: string;
  /** When the next units begin, as many as the window covers; ms since 1970. */
  starts: number[];
}

/** Beyond this many days every day of the year has come round. */
const DAYS_OF_TURNS = 400;

export function unitsOf(calendar: Calendar, { asOf, timeZone }: AsOf): CalendarUnits {
  const today = toLocalTime(asOf, timeZone).slice(0, 10);
  const count = calendar.days ?? calendar.weeks ?? calendar.months ?? 1;
  const { kind, present, step } = unitOf(calendar, today);
  const starts = Array.from({ length: count }, (_, index) =>
    startOfLocalDay(step(present, index + 1), timeZone),
  );
  return { kind, present, starts };
}

function unitOf(
  { days, weeks }: Calendar,
  today: string,
): { kind: CalendarUnits['kind']; present: string; step: (date: string, units: number) => string } {
  if (days !== undefined) return { kind: 'day', present: today, step: addDays };
  if (weeks !== undefined)
    return { kind: 'week', present: toMonday(today), step: (date, units) => addDays(date, 7 * units) };
  return { kind: 'month', present: addMonths(today, 0), step: addMonths };
}

/**
 * For each month and day, `MM-DD`, the next midnight at which it comes among the days that an anniversary looks for, or
 * leaves them; ms since 1970. A day may be named for a midnight that changes nothing, but never for one that is too late.
 */
export function anniversaryTurns(condition: AnniversaryCondition, at: AsOf): Map<string, number> {
  const { property, from = 0, to = 0 } = condition.anniversary;
  const daysAt = (offset: number, asOf: number) =>
    anniversaryDays({ anniversary: { property, from: offset, to: offset } }, { ...at, asOf });
  const today = toLocalTime(at.asOf, at.timeZone).slice(0, 10);
  const turns = new Map<string, number>();
  let before = at.asOf;
  for (let day = 1; day <= DAYS_OF_TURNS; day++) {
    const midnight = startOfLocalDay(addDays(today, day), at.timeZone);
    for (const monthDay of [...daysAt(from, before), ...daysAt(to, midnight)]) {
      if (!turns.has(monthDay)) turns.set(monthDay, midnight);
    }
    before = midnight;
  }
  return turns;
}
