import {
  addDays,
  addMonths,
  startOfLocalDay,
  toLocalTime,
  toMonday,
  zoneOffset,
} from '../../kernel/local-date.js';
import type { Span } from './time-range.js';

export const BUCKETS = ['minute', 'hour', 'day', 'week', 'month'] as const;
/** Weeks begin on Monday. Days, weeks and months begin at midnight of the project's time zone. */
export type Bucket = (typeof BUCKETS)[number];

/** More buckets than this make one parameter of ClickHouse too long. */
export const MAX_BUCKETS = 5_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SHORTEST_MS: Record<Bucket, number> = {
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: 23 * HOUR_MS,
  week: 167 * HOUR_MS,
  month: 671 * HOUR_MS,
};

/** How many buckets a span touches, or a few more: cheap, so that a huge number of them is never made. */
export function estimateBuckets(bucket: Bucket, { fromMs, toMs }: Span): number {
  return Math.ceil((toMs - fromMs) / SHORTEST_MS[bucket]) + 1;
}

/**
 * Beginnings of the buckets that a span touches, in ascending order, ms since 1970; the first is not later than the span.
 * A day on which the clocks change has 23 or 25 hours, and an hour that comes twice is two buckets.
 * @param timeZone IANA name
 */
export function bucketStarts(bucket: Bucket, span: Span, timeZone: string): number[] {
  const next =
    bucket === 'minute' || bucket === 'hour' ? byClock(bucket, timeZone) : byDate(bucket, timeZone);
  const starts: number[] = [];
  for (let at = next.first(span.fromMs); at < span.toMs; at = next.after(at)) starts.push(at);
  return starts;
}

/** The bucket's name on the wall clock of the zone, such as `2026-03-08` or `2026-03-08 01:00`. */
export function labelOf(bucket: Bucket, startMs: number, timeZone: string): string {
  const local = toLocalTime(startMs, timeZone);
  if (bucket === 'month') return local.slice(0, 7);
  return bucket === 'day' || bucket === 'week' ? local.slice(0, 10) : local.slice(0, 16).replace('T', ' ');
}

interface Steps {
  /** Beginning of the bucket that holds the moment. */
  first: (atMs: number) => number;
  /** Beginning of the bucket behind the one that begins so. */
  after: (startMs: number) => number;
}

/** Minutes and hours follow the clock, also where a zone is off by half an hour, or changes by it. */
function byClock(bucket: 'minute' | 'hour', timeZone: string): Steps {
  const lengthMs = bucket === 'hour' ? HOUR_MS : MINUTE_MS;
  const offset = zoneOffset(timeZone);
  const align = (atMs: number) => {
    const sinceStartMs = (((atMs + offset(atMs)) % lengthMs) + lengthMs) % lengthMs;
    const aligned = atMs - sinceStartMs;
    return offset(aligned) === offset(atMs) ? aligned : null;
  };
  return {
    first: (atMs) => align(atMs) ?? atMs - (atMs % MINUTE_MS),
    after: (startMs) => {
      const aligned = align(startMs + lengthMs);
      return aligned !== null && aligned > startMs ? aligned : startMs + lengthMs;
    },
  };
}

function byDate(bucket: 'day' | 'week' | 'month', timeZone: string): Steps {
  const firstDate = (date: string) => {
    if (bucket === 'month') return addMonths(date, 0);
    return bucket === 'week' ? toMonday(date) : date;
  };
  const nextDate = (date: string) =>
    bucket === 'month' ? addMonths(date, 1) : addDays(date, bucket === 'week' ? 7 : 1);
  const dateOf = (atMs: number) => firstDate(toLocalTime(atMs, timeZone).slice(0, 10));
  return {
    first: (atMs) => startOfLocalDay(dateOf(atMs), timeZone),
    after: (startMs) => startOfLocalDay(nextDate(dateOf(startMs)), timeZone),
  };
}
