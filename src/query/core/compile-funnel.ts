import type { ProjectId } from '../../kernel/ids.js';
import { DEFAULT_TOP } from './event-choice.js';
import { type CompiledQuery, EventSql, indent, lines, TIME_MS } from './event-sql.js';
import { type FunnelQuery, sameEventBefore, windowOf } from './funnel-query.js';
import type { FunnelGroup, FunnelTable } from './funnel-table.js';
import { parseGroupValue } from './group.js';
import type { Span } from './time-range.js';

/**
 * A row of the answer of ClickHouse. `place`: rank of the group; 0 for everyone, one more than the top for the others.
 * `p1` …: persons who reached each step. `g2` …: median time from the step before, ms.
 */
export type FunnelRow = { place: number; value: string; groups: number } & Record<string, unknown>;

/** Later than every event, for a step that never comes; doubled it still fits into 64 bits. */
const NEVER = '1152921504606846976';

/**
 * Compiles a funnel to one ClickHouse query that reads the events once. The meaning is that of `evaluateFunnel`.
 *
 * Per person, the times of each step become a sorted array. For all attempts at once, the step after is found by
 * sorting the times of both steps into one array and filling backwards, so the work grows with the number of events and
 * not with its square. The times before stay in order by this, because whoever begins later is never ahead. The window
 * is looked at in the end: it takes away steps from the end of an attempt only.
 *
 * `windowFunnel` would not do: it counts one event for two steps, and gives no times.
 *
 * @param span range of the first step
 */
export function compileFunnel(
  query: FunnelQuery,
  { projectId, span }: { projectId: ProjectId; span: Span },
): CompiledQuery {
  const events = new EventSql(projectId);
  const persons = compilePersons(query, span, events);
  const sql = query.breakdown ? withGroups(query, persons, events) : withoutGroups(query, persons);
  return { sql, params: events.params.values };
}

function withoutGroups({ steps }: FunnelQuery, persons: string): string {
  const counts = steps.map((_, step) => `countIf(level >= ${step + 1}) AS p${step + 1}`);
  const medians = gapsOf(steps).map((n) => `quantileExactInclusiveIf(0.5)(gap${n}, level >= ${n}) AS g${n}`);
  return lines(
    `SELECT 0 AS place, '' AS value, 0 AS groups, ${[...counts, ...medians].join(', ')}`,
    'FROM (',
    indent(persons),
    ')',
  );
}

/** The persons are grouped once; groups beyond the top, and everyone, are put together out of the states. */
function withGroups({ steps, top }: FunnelQuery, persons: string, events: EventSql): string {
  const limit = events.params.bind(top ?? DEFAULT_TOP, 'UInt32');
  const gaps = gapsOf(steps);
  const states = gaps.map((n) => `quantileExactInclusiveIfState(0.5)(gap${n}, level >= ${n}) AS s${n}`);
  const counts = steps.map((_, step) => `countIf(level >= ${step + 1}) AS c${step + 1}`);
  return lines(
    `SELECT least(ranking, ${limit} + 1) AS place, any(value) AS value, max(groups) AS groups,`,
    `  ${steps.map((_, step) => `sum(c${step + 1}) AS p${step + 1}`).join(', ')},`,
    `  ${gaps.map((n) => `quantileExactInclusiveIfMerge(0.5)(s${n}) AS g${n}`).join(', ')}`,
    'FROM (',
    '  SELECT *, row_number() OVER (ORDER BY c1 DESC, value) AS ranking, count() OVER () AS groups',
    '  FROM (',
    `    SELECT value, ${[...counts, ...states].join(', ')}`,
    '    FROM (',
    indent(indent(indent(persons))),
    '    )',
    '    GROUP BY value',
    '  )',
    ')',
    'GROUP BY place WITH ROLLUP',
    'ORDER BY place',
  );
}

/**
 * One row per person who made an attempt: how far it got, the times between its steps, and its group.
 * Each expression has a query of its own: ClickHouse writes an alias out wherever it is used, and their number doubled
 * with every step.
 */
function compilePersons(query: FunnelQuery, span: Span, events: EventSql): string {
  const { steps, breakdown } = query;
  const windowMs = events.params.bind(windowOf(query), 'Int64');
  // A lambda gets a copy of every array that it names from outside for each of its elements: these are given to it.
  const inTime = gapsOf(steps).map((n) => `(x${n} - x1 <= ${windowMs})`);
  const all = (name: string) => steps.map((_, step) => `${name}${step + 1}`).join(', ');
  const columns = [
    ...(breakdown ? ['arrayMap(begin -> begin.1, begins) AS a1'] : []),
    ...gapsOf(steps).flatMap((n) => nextTimes(steps, n)),
    `arrayMap((${all('x')}) -> ${['1', ...inTime].join(' + ')}, ${all('a')}) AS levels`,
    'indexOf(levels, arrayMax(levels)) AS best',
  ];
  const gaps = gapsOf(steps).map((n) => `a${n}[best] - a${n - 1}[best] AS gap${n}`);
  const value = breakdown ? ['begins[best].2 AS value'] : [];
  const nested = columns.reduce(
    (from, column) => lines(`SELECT *, ${column}`, 'FROM (', from, ')'),
    stepTimes(query, span, events),
  );
  return lines(`SELECT ${['levels[best] AS level', ...gaps, ...value].join(', ')}`, 'FROM (', nested, ')');
}

/** `a<n>`: for each attempt, in order, the time of step n. */
function nextTimes(steps: FunnelQuery['steps'], n: number): string[] {
  const same = sameEventBefore(steps, n - 1);
  const earliest =
    same === null
      ? `a${n - 1}`
      : `arrayMap((previous, same) -> greatest(previous, same + 1), a${n - 1}, a${same + 1})`;
  // Twice the time, and 1 more for the step that is looked for: at the same moment it comes behind.
  const marks = `arraySort(arrayConcat(arrayMap(t -> 2 * t, ${earliest}), arrayMap(t -> 2 * t + 1, t${n})))`;
  const found = `arrayFilter((next, mark) -> mark % 2 = 0, arrayReverseFill(mark -> mark % 2 = 1, marks${n}), marks${n})`;
  return [
    `${marks} AS marks${n}`,
    `arrayMap(next -> if(next % 2 = 1, intDiv(next, 2), ${NEVER}), ${found}) AS a${n}`,
  ];
}

/** One row per person who begins: the sorted times of each step. */
function stepTimes(query: FunnelQuery, span: Span, events: EventSql): string {
  const { steps, breakdown } = query;
  const untilMs = span.toMs + windowOf(query);
  const conditions = steps.map(({ event, where }, step) => {
    const parts = [events.named([event]), ...events.filters(where ?? [])];
    return [...parts, ...(step === 0 ? [events.before(span.toMs)] : [])].join(' AND ');
  });
  const groups = breakdown ? [breakdown] : [];
  const begins = breakdown
    ? 'arraySort(groupArrayIf((ms, value), is1)) AS begins'
    : 'arraySort(groupArrayIf(ms, is1)) AS a1';
  return lines(
    `SELECT ${[begins, ...gapsOf(steps).map((n) => `arraySort(groupArrayIf(ms, is${n})) AS t${n}`)].join(', ')}`,
    'FROM (',
    `  SELECT person, ${TIME_MS} AS ms${breakdown ? `, ${events.group(breakdown, 0)} AS value` : ''},`,
    indent(indent(conditions.map((sql, step) => `${sql} AS is${step + 1}`).join(',\n'))),
    indent(events.from(groups)),
    indent(
      events.where(
        events.named(steps.map(({ event }) => event)),
        events.since(span.fromMs),
        events.before(untilMs + 1),
        ...events.ofPersons(query.profile ?? []),
      ),
    ),
    ')',
    'GROUP BY person',
    `HAVING notEmpty(${breakdown ? 'begins' : 'a1'})`,
  );
}

/** Numbers of the steps that have one before them. */
function gapsOf(steps: FunnelQuery['steps']): number[] {
  return steps.slice(1).map((_, index) => index + 2);
}

export function shapeFunnel(query: FunnelQuery, rows: readonly FunnelRow[]): FunnelTable {
  const limit = query.top ?? DEFAULT_TOP;
  const total = rows.find(({ place }) => place === 0);
  const others = rows.filter(({ place }) => place > limit);
  const groups = rows.filter(({ place }) => place > 0 && place <= limit);
  const count = Math.max(0, ...rows.map((row) => Number(row.groups)));
  return {
    total: toGroup(query, { ...total, value: '' }),
    groups: groups.map((row) => toGroup(query, row)),
    other: others[0] ? toGroup(query, { ...others[0], value: '' }) : null,
    otherGroups: Math.max(0, count - groups.length),
  };
}

function toGroup({ steps }: FunnelQuery, row: { value: string } & Record<string, unknown>): FunnelGroup {
  return {
    value: parseGroupValue(row.value),
    persons: steps.map((_, step) => Number(row[`p${step + 1}`] ?? 0)),
    medianMs: steps.map((_, step) => {
      const gap = row[`g${step + 1}`];
      return typeof gap === 'number' ? gap : null;
    }),
  };
}
