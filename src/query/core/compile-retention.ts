import type { ProjectId } from '../../kernel/ids.js';
import { type CompiledQuery, EventSql, indent, lines, TIME_MS } from './event-sql.js';
import type { RetentionPlan, RetentionQuery } from './retention-query.js';
import type { RetentionCount } from './retention-table.js';

/** A row of the answer of ClickHouse: seconds from the first unit's beginning; `unit` -1: all of the cohort. */
export interface RetentionRow {
  cohort: number;
  unit: number;
  persons: number;
}

/**
 * Compiles a retention query to one ClickHouse query that reads the events once: first per person, whose returns are
 * kept as times, then per cohort and unit. The meaning is that of `evaluateRetention`.
 */
export function compileRetention(
  query: RetentionQuery,
  { projectId, plan }: { projectId: ProjectId; plan: RetentionPlan },
): CompiledQuery {
  const events = new EventSql(projectId);
  const { params } = events;
  const { span, starts } = plan;
  const [originMs = 0] = starts;
  const offsets = starts.map((startMs) => Math.floor((startMs - originMs) / 1000));
  const toUnit = (ms: string) =>
    `roundDown(intDiv(${ms} - ${params.bind(originMs, 'Int64')}, 1000), ${params.bind(offsets, 'Array(UInt32)')})`;
  const visits = 'arrayFilter(visit -> visit > began, visits)';
  const last = 'if(arrayMax(visits) > began, [arrayMax(visits)], [])';
  const counted = query.mode === 'rolling' ? last : visits;
  const units = `arrayDistinct(arrayMap(visit -> toInt64(${toUnit('visit')}), ${counted}))`;
  const sql = lines(
    'SELECT cohort, unit, count() AS persons',
    'FROM (',
    `  SELECT ${toUnit('began')} AS cohort, arrayJoin(arrayConcat([-1], ${units})) AS unit`,
    '  FROM (',
    '    SELECT minIf(ms, is_first) AS began, groupArrayIf(ms, is_return) AS visits',
    '    FROM (',
    indent(indent(indent(rows(query, plan, events)))),
    '    )',
    '    GROUP BY person',
    `    HAVING countIf(is_first) > 0 AND began >= ${params.bind(span.fromMs, 'Int64')}`,
    '  )',
    ')',
    'GROUP BY cohort, unit',
    'ORDER BY cohort, unit',
  );
  return { sql, params: params.values };
}

function rows(query: RetentionQuery, { span, untilMs }: RetentionPlan, events: EventSql): string {
  const first = [
    events.named([query.first.event]),
    events.before(span.toMs),
    ...events.filters(query.first.where ?? []),
  ];
  const back = [events.named(query.return?.events ?? null), ...events.filters(query.return?.where ?? [])];
  const since = events.since(span.fromMs);
  const named = `(${events.named([query.first.event])} OR ${events.named(query.return?.events ?? null)})`;
  return lines(
    `SELECT person, ${TIME_MS} AS ms,`,
    `  ${first.join(' AND ')} AS is_first,`,
    `  ${back.join(' AND ')} AS is_return`,
    events.from(),
    events.where(
      named,
      query.newOnly ? `(${since} OR ${events.named([query.first.event])})` : since,
      events.before(untilMs),
      ...events.ofPersons(query.profile ?? []),
    ),
  );
}

export function readRetention(rows: readonly RetentionRow[], { starts }: RetentionPlan): RetentionCount[] {
  const [originMs = 0] = starts;
  const places = new Map(starts.map((startMs, place) => [Math.floor((startMs - originMs) / 1000), place]));
  const placeOf = (seconds: number) => places.get(Number(seconds)) ?? 0;
  return rows.map(({ cohort, unit, persons }) => ({
    cohort: placeOf(cohort),
    unit: Number(unit) < 0 ? null : placeOf(unit),
    persons: Number(persons),
  }));
}
