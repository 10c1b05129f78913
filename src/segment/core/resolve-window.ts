import { isLocalDate, startOfLocalDay } from '../../kernel/local-date.js';
import type { Window } from './condition.js';

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

/** The moments that a window covers; never later than `asOf`, and none at all where the window begins after it. */
export function resolveWindow(window: Window, { asOf, timeZone }: AsOf): TimeRange {
  if (window === 'all_time') return { afterMs: null, untilMs: asOf };
  if ('last' in window) {
    const { days = 0, hours = 0, minutes = 0 } = window.last;
    return { afterMs: asOf - ((days * 24 + hours) * 60 + minutes) * MINUTE_MS, untilMs: asOf };
  }
  // Event times have whole milliseconds, so "from t on" is "after t - 1 ms".
  const [afterMs, untilMs] = [window.from, window.to].map((text) => toInstant(text, timeZone) - 1);
  return { afterMs: afterMs ?? null, untilMs: Math.min(untilMs ?? asOf, asOf) };
}

export function isWithin(range: TimeRange, atMs: number): boolean {
  return (range.afterMs === null || atMs > range.afterMs) && atMs <= range.untilMs;
}

function toInstant(text: string, timeZone: string): number {
  return isLocalDate(text) ? startOfLocalDay(text, timeZone) : Date.parse(text);
}
