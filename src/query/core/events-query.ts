import { z } from 'zod';
import { PROPERTY_NAME } from '../../kernel/property-filter.js';
import { DEFAULT_TOP, EVENT_NAME, FILTERS, MAX_ROWS, PROFILE_FILTERS, TOP } from './event-choice.js';
import type { FieldIssue } from './field-issue.js';
import { GROUP } from './group.js';
import { BUCKETS, estimateBuckets, MAX_BUCKETS } from './time-buckets.js';
import { checkSpan, type Span, TIME_RANGE } from './time-range.js';

/**
 * What is computed over the events of a bucket and group.
 * - `count`: events. `persons`: different persons. `count_per_person`: the one divided by the other.
 * - `distinct`: different values of a property among texts, numbers and booleans.
 * - `sum`, `avg`, `min`, `max`, `median`, `percentile`: over the values that are numbers. The sum of nothing is 0, the
 *   others have no value then. `median` and `percentile` are exact and interpolate between two values.
 */
export const MEASURE = z.discriminatedUnion('fn', [
  z.strictObject({ fn: z.enum(['count', 'persons', 'count_per_person']) }),
  z.strictObject({
    fn: z.enum(['distinct', 'sum', 'avg', 'min', 'max', 'median']),
    property: PROPERTY_NAME,
  }),
  z.strictObject({
    fn: z.literal('percentile'),
    property: PROPERTY_NAME,
    percent: z.number().min(0).max(100),
  }),
]);
export type Measure = z.infer<typeof MEASURE>;

export const EVENTS_QUERY = z.strictObject({
  events: z
    .array(EVENT_NAME)
    .min(1)
    .max(50)
    .optional()
    .describe('Names of events; default: every event, without what Rekindle itself records'),
  range: TIME_RANGE,
  where: FILTERS.optional().describe('Only events that meet every filter'),
  profile: PROFILE_FILTERS,
  bucket: z.enum(BUCKETS).nullable().optional().describe('Default: the whole range at once'),
  groupBy: z.array(GROUP).min(1).max(3).optional(),
  top: TOP.describe(
    `How many groups are shown, most of the first measure first; the others are counted together. Default ${DEFAULT_TOP}`,
  ),
  measures: z.array(MEASURE).min(1).max(10).optional().describe('Default: count'),
});
export type EventsQuery = z.infer<typeof EVENTS_QUERY>;

export function measuresOf(query: EventsQuery): readonly Measure[] {
  return query.measures ?? [{ fn: 'count' }];
}

/** Whether a measure of nothing is 0; the others have no value then. */
export function isZeroOfNothing({ fn }: Measure): boolean {
  return fn === 'count' || fn === 'persons' || fn === 'distinct' || fn === 'sum';
}

/** A short name for a column, such as `sum(amount)` or `p95(amount)`. */
export function nameOf(measure: Measure): string {
  if (!('property' in measure)) return measure.fn;
  return `${measure.fn === 'percentile' ? `p${measure.percent}` : measure.fn}(${measure.property})`;
}

/** What is wrong with a query that the schema let through. */
export function checkEventsQuery(query: EventsQuery, span: Span): FieldIssue[] {
  const issues = checkSpan(span);
  if (issues.length > 0 || !query.bucket) return issues;
  const series = query.groupBy ? (query.top ?? DEFAULT_TOP) + 1 : 1;
  const limit = Math.min(MAX_BUCKETS, Math.floor(MAX_ROWS / series));
  const buckets = estimateBuckets(query.bucket, span);
  if (buckets <= limit) return [];
  const detail = `The range has about ${buckets} buckets, and at most ${limit} are shown${
    series > 1 ? ` of ${series} groups` : ''
  }: shorten the range, or choose longer buckets${series > 1 ? ' or a smaller top' : ''}.`;
  return [{ pointer: '/bucket', code: 'too_many_buckets', detail }];
}
