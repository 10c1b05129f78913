import { type EventSql, TIME_MS } from './event-sql.js';
import type { Span } from './time-range.js';

/**
 * The projections of the event table (migrations/clickhouse/0045). ClickHouse reads one in place of the events where
 * a query asks for nothing else than it holds, in these very expressions: names of events and moments count only as
 * `event`, `QUARTER` and `DAY`. Parts without a projection are read themselves, so the answer is the same.
 */
export const QUARTER_MS = 900_000;
export const DAY_MS = 86_400_000;

/** Quarters of an hour since 1970. */
export const QUARTER = `intDiv(${TIME_MS}, ${QUARTER_MS})`;
/** The day in UTC. */
const DAY = 'toDate(time)';

/** @param span begins with a quarter of an hour and ends with one */
export function duringQuarters({ fromMs, toMs }: Span, { params }: EventSql): string[] {
  return [
    `${QUARTER} >= ${params.bind(fromMs / QUARTER_MS, 'Int64')}`,
    `${QUARTER} < ${params.bind(toMs / QUARTER_MS, 'Int64')}`,
  ];
}

/** @param span begins at midnight in UTC, and ends there */
export function duringDays({ fromMs, toMs }: Span, { params }: EventSql): string[] {
  const bind = (atMs: number) => params.bind(new Date(atMs).toISOString().slice(0, 10), 'Date');
  return [`${DAY} >= ${bind(fromMs)}`, `${DAY} < ${bind(toMs)}`];
}
