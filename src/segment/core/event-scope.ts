import { SYSTEM_EVENTS } from '../../kernel/event.js';
import type { SqlParams } from '../../kernel/sql-params.js';
import { ANY_EVENT, type EventLeaf } from './condition.js';
import { type AsOf, resolveWindow, type TimeRange } from './resolve-window.js';
import type { EventChoice } from './sequence.js';
import { isSinceWindow } from './window.js';

/** Which rows of the event table conditions look at: some events (null: any of the user's own) in a range of time. */
export interface EventScope {
  events: string[] | null;
  range: TimeRange;
}

/** A scope for every event that a condition looks at. A window that begins for each user another time is left open. */
export function scopesOf(leaf: EventLeaf, at: AsOf): EventScope[] {
  const range = isSinceWindow(leaf.window)
    ? { afterMs: null, untilMs: at.asOf }
    : resolveWindow(leaf.window, at);
  return choicesOf(leaf).map(({ event }) => ({ events: event === ANY_EVENT ? null : [event], range }));
}

/** What a condition chooses among the events. */
export function choicesOf(leaf: EventLeaf): EventChoice[] {
  return 'event' in leaf ? [leaf] : leaf.sequence.flatMap((step) => [step, ...(step.without ?? [])]);
}

/**
 * The fewest scopes that cover all the given ones: one range per event, and events of the same range together.
 * So a query reads of each event no more than the conditions on it need.
 */
export function mergeScopes(scopes: readonly EventScope[]): EventScope[] {
  const rangeByEvent = new Map<string, TimeRange>();
  for (const { events, range } of scopes) {
    const event = events?.[0] ?? ANY_EVENT;
    rangeByEvent.set(event, cover(rangeByEvent.get(event) ?? range, range));
  }
  const merged = new Map<string, EventScope>();
  for (const [event, range] of rangeByEvent) {
    const isAny = event === ANY_EVENT;
    const key = JSON.stringify([isAny, range.afterMs, range.untilMs]);
    const scope = merged.get(key) ?? { events: isAny ? null : [], range };
    scope.events?.push(event);
    merged.set(key, scope);
  }
  return [...merged.values()];
}

/** The conditions that a row of the event table has to meet to be in the scope. */
export function toScopeSql({ events, range }: EventScope, params: SqlParams): string[] {
  return [
    toEventSql(events, params),
    ...(range.afterMs === null ? [] : [`time > ${params.bindTime(range.afterMs)}`]),
    `time <= ${params.bindTime(range.untilMs)}`,
  ];
}

function toEventSql(events: readonly string[] | null, params: SqlParams): string {
  if (events === null) return `event NOT IN ${params.bind(Object.values(SYSTEM_EVENTS), 'Array(String)')}`;
  const [first = ''] = events;
  return events.length === 1
    ? `event = ${params.bind(first, 'String')}`
    : `event IN ${params.bind(events, 'Array(String)')}`;
}

function cover(a: TimeRange, b: TimeRange): TimeRange {
  return {
    afterMs: a.afterMs === null || b.afterMs === null ? null : Math.min(a.afterMs, b.afterMs),
    untilMs: Math.max(a.untilMs, b.untilMs),
  };
}
