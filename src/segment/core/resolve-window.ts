import type { JsonObject } from '../../kernel/json.js';
import {
  addDays,
  addMonths,
  isLocalDate,
  startOfLocalDay,
  toLocalTime,
  toMonday,
} from '../../kernel/local-date.js';
import { readMoment } from './profile-moment.js';
import { type Calendar, type FixedWindow, isSinceWindow, type Period, type Window } from './window.js';

/** The moment a segment is computed for, and the zone in which its dates begin. */
export interface AsOf {
  /** ms since 1970 */
  asOf: number;
  /** IANA name */
  timeZone: string;
}

/** Moments after `afterMs` (null: from the beginning) until `untilMs`, that one included; ms since 1970. */
export interface TimeRange {
  afterMs: number | null;
  untilMs: number;
}

const MINUTE_MS = 60_000;

export function lengthOf({ days = 0, hours = 0, minutes = 0 }: Period): number {
  return ((days * 24 + hours) * 60 + minutes) * MINUTE_MS;
}

/** The moments that a window covers; never later than `asOf`, and none at all where the window begins after it. */
export function resolveWindow(window: FixedWindow, { asOf, timeZone }: AsOf): TimeRange {
  if (window === 'all_time') return { afterMs: null, untilMs: asOf };
  if ('last' in window) {
    const untilMs = asOf - (window.before ? lengthOf(window.before) : 0);
    return { afterMs: untilMs - lengthOf(window.last), untilMs };
  }
  if ('calendar' in window)
    return resolveCalendar(window.calendar, window.complete ?? false, { asOf, timeZone });
  // Event times have whole milliseconds, so "from t on" is "after t - 1 ms".
  return {
    afterMs: toInstant(window.from, timeZone) - 1,
    untilMs: Math.min(toInstant(window.to, timeZone) - 1, asOf),
  };
}

/** The moments that a window covers for one user; null where the profile tells no moment to begin at. */
export function resolveWindowOf(window: Window, at: AsOf, profile: JsonObject): TimeRange | null {
  if (!isSinceWindow(window)) return resolveWindow(window, at);
  const sinceMs = readMoment(profile, window.since, at.timeZone);
  if (sinceMs === null) return null;
  const endMs = window.first ? sinceMs + lengthOf(window.first) - 1 : at.asOf;
  return { afterMs: sinceMs - 1, untilMs: Math.min(endMs, at.asOf) };
}

export function isWithin(range: TimeRange, atMs: number): boolean {
  return (range.afterMs === null || atMs > range.afterMs) && atMs <= range.untilMs;
}

/** A moment as a definition writes it, ms since 1970. */
export function toInstant(text: string, timeZone: string): number {
  return isLocalDate(text) ? startOfLocalDay(text, timeZone) : Date.parse(text);
}

function resolveCalendar(calendar: Calendar, isComplete: boolean, { asOf, timeZone }: AsOf): TimeRange {
  const today = toLocalTime(asOf, timeZone).slice(0, 10);
  const start = (unitsAgo: number) => startOfLocalDay(stepBack(today, calendar, unitsAgo), timeZone) - 1;
  const units = calendar.days ?? calendar.weeks ?? calendar.months ?? 1;
  return isComplete
    ? { afterMs: start(units), untilMs: start(0) }
    : { afterMs: start(units - 1), untilMs: asOf };
}

function stepBack(today: string, { days, weeks }: Calendar, units: number): string {
  if (days !== undefined) return addDays(today, -units);
  return weeks === undefined ? addMonths(today, -units) : addDays(toMonday(today), -7 * units);
}
