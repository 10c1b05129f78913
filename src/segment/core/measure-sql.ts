import type { NumberCompare } from '../../kernel/number-compare.js';
import type { PropertySql } from '../../kernel/property-sql.js';
import type { SqlParams } from '../../kernel/sql-params.js';
import type { EventLeaf } from './condition.js';
import type { EventCondition } from './event-condition.js';
import { type EventScope, scopesOf, toScopeSql } from './event-scope.js';
import { isNothingOfNone, resolveCompare } from './measure.js';
import { type AsOf, lengthOf } from './resolve-window.js';
import type { EventChoice, SequenceCondition } from './sequence.js';
import { isSinceWindow } from './window.js';

/** The part of the query that reads events. */
export interface EventSource {
  /** One condition only, whose rows are exactly those read. */
  sole: boolean;
  scopes: readonly EventScope[];
  /** Profile property that a window begins at → column with its moment, ms since 1970, null where there is none. */
  anchors: ReadonlyMap<string, string>;
}

const COMPARE_SQL: Record<NumberCompare['op'], string> = {
  at_least: '>=',
  at_most: '<=',
  equals: '=',
  more_than: '>',
  less_than: '<',
};
const TIME_MS = 'toUnixTimestamp64Milli(time)';

/** Writes what is measured over the events of one person as an aggregate, and its comparison. */
export class MeasureSql {
  constructor(
    private readonly params: SqlParams,
    private readonly properties: PropertySql,
    private readonly at: AsOf,
  ) {}

  measure(leaf: EventLeaf, source: EventSource): string {
    return 'event' in leaf ? this.aggregate(leaf, source) : this.sequence(leaf, source);
  }

  /** What has no value meets no comparison. A sequence is there or not. */
  compare(actual: string, leaf: EventLeaf): string {
    if (!('event' in leaf)) return `${actual} = 1`;
    const { op, value } = resolveCompare(leaf.compare, this.at);
    const sql = `${actual} ${COMPARE_SQL[op]} ${this.params.bind(value, 'Float64')}`;
    return isNothingOfNone(leaf.measure?.fn ?? 'count') ? `ifNull(${sql}, 0)` : sql;
  }

  private aggregate(leaf: EventCondition, source: EventSource): string {
    const rows = this.rowsOf(leaf, leaf, source).join(' AND ');
    const { properties } = this;
    const over = (name: string, argument: string) =>
      rows === '' ? `${name}(${argument})` : `${name}If(${argument === '' ? '' : `${argument}, `}${rows})`;
    const by = leaf.measure ?? { fn: 'count' as const };
    switch (by.fn) {
      case 'count':
        return over('count', '');
      case 'active_days':
        return over('uniqExact', `toDate(time, ${this.params.bind(this.at.timeZone, 'String')})`);
      case 'first_time':
        return over('minOrNull', TIME_MS);
      case 'last_time':
        return over('maxOrNull', TIME_MS);
      case 'distinct': {
        const parts = [
          properties.text(by.property),
          properties.number(by.property),
          properties.boolean(by.property),
        ];
        return `(${parts.map((part) => over('uniqExact', part)).join(' + ')})`;
      }
      case 'sum':
        return `ifNull(${over('sum', properties.number(by.property))}, 0)`;
      default:
        return over(by.fn, properties.number(by.property));
    }
  }

  /**
   * 1 where the person went through the steps, else 0. For each step the moments at which it was reached become an
   * array of (moment, latest first step from which it can be reached): begun as late as possible, an attempt has most
   * time left. Of the moments before, the latest one that counts has the latest first step, so filling forward through
   * the sorted moments finds it, and the work grows with the number of events and not with its square.
   */
  private sequence(leaf: SequenceCondition, source: EventSource): string {
    const times = (choice: EventChoice) =>
      `groupArrayIf(${TIME_MS}, ${this.rowsOf(choice, leaf, source).join(' AND ')})`;
    const [first, ...rest] = leaf.sequence;
    if (!first) throw new Error('A sequence has steps.');
    let reached = '';
    for (const [place, step] of rest.entries()) {
      // Of one moment what disturbs comes first, then the step that is looked for, then the step before it.
      const marks = [
        ...(step.without ?? []).map((each) => [times(each), 0] as const),
        [times(step), 1] as const,
        ...(place === 0 ? [[times(first), 2] as const] : []),
      ];
      reached = place === 0 ? firstPair(marks) : nextPair(marks, reached);
    }
    const within = this.params.bind(lengthOf(leaf.within), 'Int64');
    return `arrayExists(r -> r.1 - r.2 <= ${within}, ${reached})`;
  }

  /** What a row has to meet beyond the WHERE to count. */
  private rowsOf(choice: EventChoice, leaf: EventLeaf, source: EventSource): string[] {
    if (source.sole) return [];
    const scopes = scopesOf(
      { ...choice, window: leaf.window, compare: { op: 'at_least', value: 1 } },
      this.at,
    );
    const filters = (choice.where ?? []).map((filter) => this.properties.filter(filter));
    const isWhole = JSON.stringify(source.scopes) === JSON.stringify(scopes);
    const scope = isWhole ? [] : scopes.flatMap((each) => toScopeSql(each, this.params));
    const rows = [...scope, ...this.sinceSql(leaf, source), ...filters];
    return rows.length === 0 && !('event' in leaf) ? ['1'] : rows;
  }

  private sinceSql({ window }: EventLeaf, { anchors }: EventSource): string[] {
    if (!isSinceWindow(window)) return [];
    const since = `anchor.${anchors.get(window.since)}`;
    const end = window.first
      ? [`ifNull(${TIME_MS} < ${since} + ${this.params.bind(lengthOf(window.first), 'Int64')}, 0)`]
      : [];
    return [`ifNull(${TIME_MS} >= ${since}, 0)`, ...end];
  }
}

/** Moments, as an array, and what happened then: disturbed (0), the step looked for (1), the step before it (2). */
type Marks = readonly (readonly [moments: string, kind: 0 | 1 | 2])[];

/** Of the first two steps both moments say all: numbers are sorted faster than tuples. */
function firstPair(marks: Marks): string {
  const sorted = marks.map(([moments, kind]) => `arrayMap(t -> 4 * t + ${kind}, ${moments})`);
  const found =
    'arrayMap((before, m) -> (intDiv(m, 4), if(m % 4 = 1 AND before % 4 = 2, intDiv(before, 4), 0)), arrayFill(m -> m % 4 != 1, marks), marks)';
  return reachedIn(found, sorted);
}

/** @param reached the step before: (moment, latest first step from which it can be reached) */
function nextPair(marks: Marks, reached: string): string {
  const sorted = [
    ...marks.map(([moments, kind]) => `arrayMap(t -> (4 * t + ${kind}, toInt64(0)), ${moments})`),
    `arrayMap(r -> (4 * r.1 + 2, r.2), ${reached})`,
  ];
  const found =
    'arrayMap((before, m) -> (intDiv(m.1, 4), if(m.1 % 4 = 1 AND before.1 % 4 = 2, before.2, 0)), arrayFill(m -> m.1 % 4 != 1, marks), marks)';
  return reachedIn(found, sorted);
}

/** A lambda over one element names an array that is used twice: an alias would be written out both times. */
function reachedIn(found: string, sorted: readonly string[]): string {
  return `arrayMap(marks -> arrayFilter(r -> r.2 > 0, ${found}), [arraySort(arrayConcat(${sorted.join(', ')}))])[1]`;
}
