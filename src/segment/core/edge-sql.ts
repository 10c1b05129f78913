import type { PropertySql } from '../../kernel/property-sql.js';
import type { SqlParams } from '../../kernel/sql-params.js';
import { unitsOf } from './calendar-edges.js';
import { ANY_EVENT, type EventLeaf } from './condition.js';
import type { EventCondition } from './event-condition.js';
import { choicesOf, type EventScope, toScopeSql } from './event-scope.js';
import { type AsOf, lengthOf, resolveWindow } from './resolve-window.js';
import type { EventChoice } from './sequence.js';
import { type Calendar, isSinceWindow, type Period, type Window } from './window.js';

/** 2200-01-01: events of the future matter too, because time reaches them. */
const END_MS = 7_258_118_400_000;
const TIME = 'toUnixTimestamp64Milli(time)';

/** The next edge of a person by one condition, as an aggregate: ms since 1970, 0 where there is none. */
export interface EdgeExpression {
  sql: string;
  /** The rows that it looks at. */
  scope: EventScope;
}

/** Writes when the events of a person come into a window next, leave it, or are so old. */
export class EdgeSql {
  constructor(
    private readonly params: SqlParams,
    private readonly properties: PropertySql,
    private readonly at: AsOf,
  ) {}

  of(leaf: EventLeaf): EdgeExpression[] {
    const ofWindow = choicesOf(leaf).flatMap((choice) => this.ofWindow(choice, leaf));
    return 'event' in leaf && 'ago' in leaf.compare
      ? [...ofWindow, this.ofAge(leaf, leaf.compare.ago)]
      : ofWindow;
  }

  private ofWindow(choice: EventChoice, leaf: EventLeaf): EdgeExpression[] {
    const { window } = leaf;
    if (typeof window === 'object' && 'last' in window) {
      const laterMs = window.before ? lengthOf(window.before) : 0;
      const lengthMs = lengthOf(window.last);
      return laterMs === 0 && asksWhetherAny(leaf)
        ? [this.entry(choice), this.exitOfLast(choice, lengthMs)]
        : [this.passage(choice, laterMs, lengthMs)];
    }
    if (typeof window === 'object' && 'calendar' in window)
      return [this.entry(choice), this.turn(choice, window.calendar, window.complete ?? false)];
    return [this.entry(choice)];
  }

  /** An event of the future happens. */
  private entry(choice: EventChoice): EdgeExpression {
    const scope = this.scope(choice, this.at.asOf);
    return { sql: `minIf(${TIME}, ${this.rows(choice, scope)})`, scope };
  }

  /** The next event that comes into a window of fixed length, or leaves it. */
  private passage(choice: EventChoice, laterMs: number, lengthMs: number): EdgeExpression {
    const scope = this.scope(choice, this.at.asOf - laterMs - lengthMs);
    const later = `${TIME} + ${this.int(laterMs)}`;
    const next = `if(${later} > ${this.int(this.at.asOf)}, ${later}, ${TIME} + ${this.int(laterMs + lengthMs)})`;
    return { sql: `minIf(${next}, ${this.rows(choice, scope)})`, scope };
  }

  /** Whether there is any event changes only when the last one leaves. */
  private exitOfLast(choice: EventChoice, lengthMs: number): EdgeExpression {
    const range = { afterMs: this.at.asOf - lengthMs, untilMs: this.at.asOf };
    const scope = { events: eventsOf(choice), range };
    const last = `maxIf(${TIME}, ${this.rows(choice, scope)})`;
    return { sql: `if(${last} > 0, ${last} + ${this.int(lengthMs)}, 0)`, scope };
  }

  /** The day, week or month at whose beginning the next event comes into a window, or leaves it. */
  private turn(choice: EventChoice, calendar: Calendar, isComplete: boolean): EdgeExpression {
    const { kind, present, starts } = unitsOf(calendar, this.at);
    const { afterMs } = resolveWindow({ calendar, complete: isComplete }, this.at);
    const scope = { events: eventsOf(choice), range: { afterMs, untilMs: this.at.asOf } };
    const day = `toDate(time, ${this.params.bind(this.at.timeZone, 'String')})`;
    const from = this.params.bind(present, 'Date');
    const unit = {
      day: `dateDiff('day', ${from}, ${day})`,
      week: `intDiv(dateDiff('day', ${from}, toMonday(${day})), 7)`,
      month: `dateDiff('month', ${from}, ${day})`,
    }[kind];
    const place = isComplete
      ? `if(${unit} >= 0, 1, ${unit} + ${starts.length + 1})`
      : `${unit} + ${starts.length}`;
    const moments = this.params.bind(starts, 'Array(Int64)');
    return { sql: `minIf(arrayElement(${moments}, ${place}), ${this.rows(choice, scope)})`, scope };
  }

  /** A first or last time is so old: from its ms on, or behind it. */
  private ofAge(leaf: EventCondition, ago: Period): EdgeExpression {
    const ageMs = lengthOf(ago);
    const aged = (time: string) =>
      `multiIf(${time} + ${this.int(ageMs)} > ${this.int(this.at.asOf)}, ${time} + ${this.int(ageMs)}, ${time} + ${this.int(ageMs + 1)} > ${this.int(this.at.asOf)}, ${time} + ${this.int(ageMs + 1)}, 0)`;
    const youngMs = this.at.asOf - ageMs - 1;
    if (isSinceWindow(leaf.window)) {
      const scope = this.scope(leaf, youngMs);
      return { sql: `minIf(${aged(TIME)}, ${this.rows(leaf, scope)})`, scope };
    }
    const range = resolveWindow(leaf.window, this.at);
    const isLast = leaf.measure?.fn === 'last_time';
    const scope = {
      events: eventsOf(leaf),
      range: isLast ? { ...range, afterMs: Math.max(range.afterMs ?? youngMs, youngMs) } : range,
    };
    const time = `${isLast ? 'maxIf' : 'minIf'}(${TIME}, ${this.rows(leaf, scope)})`;
    return { sql: `if(${time} > 0, ${aged(time)}, 0)`, scope };
  }

  private scope(choice: EventChoice, afterMs: number): EventScope {
    return { events: eventsOf(choice), range: { afterMs, untilMs: END_MS } };
  }

  private rows(choice: EventChoice, scope: EventScope): string {
    const filters = (choice.where ?? []).map((filter) => this.properties.filter(filter));
    return [...toScopeSql(scope, this.params), ...filters].join(' AND ');
  }

  private int(value: number): string {
    return this.params.bind(value, 'Int64');
  }
}

function eventsOf({ event }: EventChoice): string[] | null {
  return event === ANY_EVENT ? null : [event];
}

/** Whether a condition is only about there being any event or none: others may leave the window meanwhile. */
function asksWhetherAny(leaf: EventLeaf & { window: Window }): boolean {
  if (!('event' in leaf) || !('value' in leaf.compare)) return false;
  const fn = leaf.measure?.fn ?? 'count';
  if (fn !== 'count' && fn !== 'active_days') return false;
  const { op, value } = leaf.compare;
  return op === 'at_least' || op === 'less_than' ? value === 1 : value === 0;
}
