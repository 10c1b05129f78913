import type { EventsPlan, EventsRow } from './compile-events.js';
import { duringQuarters, QUARTER, QUARTER_MS } from './event-projections.js';
import { type CompiledQuery, EventSql, lines } from './event-sql.js';
import { type EventsQuery, measuresOf } from './events-query.js';

/** A row as of `compileEvents`, with the time of its last event, ms since 1970. */
export type CountsRow = EventsRow & { lastMs: number };

/**
 * Compiles a query that asks for nothing but counts of events, over a time and buckets that are whole quarters of an
 * hour, as those of every zone are: it reads counts of quarters in place of events.
 *
 * A span until now ends within a quarter, of which the whole is counted: `countsHold` tells whether that is the same.
 * @returns null where the query is another
 */
export function compileCounts(query: EventsQuery, plan: EventsPlan, nowMs: number): CompiledQuery | null {
  const toMs = plan.span.toMs === nowMs ? Math.ceil(nowMs / QUARTER_MS) * QUARTER_MS : plan.span.toMs;
  const moments = [plan.span.fromMs, toMs, ...(plan.starts ?? [])];
  if (!asksForCounts(query) || moments.some((atMs) => atMs % QUARTER_MS !== 0)) return null;
  const events = new EventSql(plan.projectId);
  const counts = measuresOf(query).map((_, index) => `count() AS m${index + 1}`);
  const sql = lines(
    `SELECT ${[...toBucket(plan.starts, events), ...counts].join(', ')}, toUnixTimestamp64Milli(max(time)) AS lastMs`,
    events.from(),
    events.where(
      events.named(query.events ?? null),
      ...duringQuarters({ fromMs: plan.span.fromMs, toMs }, events),
    ),
    ...(plan.starts ? ['GROUP BY bucket', 'ORDER BY bucket'] : []),
  );
  return { sql, params: events.params.values };
}

function toBucket(starts: readonly number[] | null, { params }: EventSql): string[] {
  if (!starts) return [];
  const [firstMs = 0] = starts;
  const offsets = starts.map((startMs) => (startMs - firstMs) / 1000);
  const seconds = `(${QUARTER} - ${params.bind(firstMs / QUARTER_MS, 'Int64')}) * ${QUARTER_MS / 1000}`;
  return [`roundDown(${seconds}, ${params.bind(offsets, 'Array(UInt32)')}) AS bucket`];
}

/** Whether no event is later than the span: clocks of devices may be ahead, and their events are not of the span yet. */
export function countsHold(rows: readonly CountsRow[], { span }: Pick<EventsPlan, 'span'>): boolean {
  return rows.every(({ lastMs }) => lastMs < span.toMs);
}

function asksForCounts(query: EventsQuery): boolean {
  const { where = [], profile = [], groupBy = [] } = query;
  return (
    where.length + profile.length + groupBy.length === 0 &&
    measuresOf(query).every(({ fn }) => fn === 'count')
  );
}
