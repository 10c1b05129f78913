import { z } from 'zod';
import { EVENT_NAME, FILTERS, MAX_ROWS, PROFILE_FILTERS } from './event-choice.js';
import type { FieldIssue } from './field-issue.js';
import { bucketStarts, estimateBuckets, MAX_BUCKETS } from './time-buckets.js';
import { type At, checkSpan, type Span, TIME_RANGE } from './time-range.js';

export const RETENTION_UNITS = ['day', 'week', 'month'] as const;
export const RETENTION_MODES = ['bounded', 'rolling'] as const;

/**
 * Who came back, and when.
 *
 * A person belongs to the cohort of the day, week or month of their first `first` event within the range. Period N is the
 * Nth day, week or month behind that one on the calendar of the project's time zone; period 0 is the cohort's own.
 * - `bounded` ("N-day"): came back within period N.
 * - `rolling` ("unbounded"): came back in period N or any later one, until now.
 * An event counts as coming back where it is later than the first event.
 */
export const RETENTION_QUERY = z.strictObject({
  first: z
    .strictObject({ event: EVENT_NAME, where: FILTERS.optional() })
    .describe('The event that begins; a person counts from the first one within the range'),
  return: z
    .strictObject({ events: z.array(EVENT_NAME).min(1).max(50).optional(), where: FILTERS.optional() })
    .optional()
    .describe('The events that are coming back; default: every event, without what Rekindle itself records'),
  range: TIME_RANGE.describe('When the first event has to be'),
  unit: z.enum(RETENTION_UNITS).describe('Of cohorts and periods'),
  periods: z.number().int().min(1).max(366).describe('How many periods behind the cohort’s own'),
  mode: z.enum(RETENTION_MODES).optional().describe('Default: bounded'),
  newOnly: z
    .boolean()
    .optional()
    .describe(
      'Only persons who had no such first event before the range; reads the whole history of that event',
    ),
  profile: PROFILE_FILTERS,
});
export type RetentionQuery = z.infer<typeof RETENTION_QUERY>;

/** What a retention query means here and now; times in ms since 1970. */
export interface RetentionPlan {
  /** When the first event has to be. */
  span: Span;
  /** Beginnings of units, from the first cohort's on; the last of them may be the present one. */
  starts: readonly number[];
  /** The first so many of them are the cohorts. */
  cohorts: number;
  /** Events from this moment on do not count. */
  untilMs: number;
}

const LONGEST_MS = { day: 25 * 3_600_000, week: 169 * 3_600_000, month: 745 * 3_600_000 };

/** How far a query looks ahead, at the most. */
function horizonOf(query: RetentionQuery, span: Span, nowMs: number): number {
  return query.mode === 'rolling'
    ? nowMs
    : Math.min(nowMs, span.toMs + (query.periods + 2) * LONGEST_MS[query.unit]);
}

export function planRetention(query: RetentionQuery, span: Span, at: At): RetentionPlan {
  const cohorts = bucketStarts(query.unit, span, at.timeZone).length;
  const horizon = { fromMs: span.fromMs, toMs: horizonOf(query, span, at.nowMs) };
  const starts = bucketStarts(query.unit, horizon, at.timeZone);
  if (query.mode === 'rolling') return { span, starts, cohorts, untilMs: at.nowMs };
  const end = cohorts + query.periods;
  return { span, starts: starts.slice(0, end + 1), cohorts, untilMs: starts[end] ?? at.nowMs };
}

/** What is wrong with a query that the schema let through. */
export function checkRetention(query: RetentionQuery, span: Span, nowMs: number): FieldIssue[] {
  const issues = checkSpan(span);
  if (issues.length > 0) return issues;
  const cells = estimateBuckets(query.unit, span) * (query.periods + 1);
  const units = estimateBuckets(query.unit, { fromMs: span.fromMs, toMs: horizonOf(query, span, nowMs) });
  if (cells <= MAX_ROWS && units <= MAX_BUCKETS) return [];
  const detail = `The answer has about ${cells} cells, and at most ${MAX_ROWS} are shown, of at most ${MAX_BUCKETS} ${query.unit}s until now: shorten the range, ask for fewer periods, or choose a longer unit.`;
  return [{ pointer: '/range', code: 'too_many_periods', detail }];
}
