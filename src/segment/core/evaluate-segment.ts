import { isSystemEvent } from '../../kernel/event.js';
import type { Json, JsonObject } from '../../kernel/json.js';
import { matchesFilters, readProperty } from '../../kernel/property-filter.js';
import {
  ANY_EVENT,
  type Condition,
  type EventCondition,
  type Measure,
  type SegmentDefinition,
} from './condition.js';
import { meetsComparison } from './meets-comparison.js';
import { type AsOf, isWithin, resolveWindow } from './resolve-window.js';

/** Everything that is known of one user, merges followed. */
export interface UserHistory {
  /** `time` in ms since 1970; any order. */
  events: readonly { event: string; time: number; properties: JsonObject }[];
  profile: JsonObject;
}

/**
 * Whether a user is in the segment, computed the plain way: it says what `compileSegment` means,
 * and the twin test holds both against each other.
 */
export function evaluateSegment(definition: SegmentDefinition, history: UserHistory, at: AsOf): boolean {
  const holds = (condition: Condition): boolean => {
    if ('all' in condition) return condition.all.every(holds);
    if ('any' in condition) return condition.any.some(holds);
    if ('none' in condition) return !condition.none.some(holds);
    if ('profile' in condition) return matchesFilters([condition.profile], history.profile);
    return holdsForEvents(condition, history, at);
  };
  return holds(definition.where);
}

function holdsForEvents(condition: EventCondition, history: UserHistory, at: AsOf): boolean {
  const range = resolveWindow(condition.window, at);
  const matching = history.events.filter(
    ({ event, time, properties }) =>
      (condition.event === ANY_EVENT ? !isSystemEvent(event) : event === condition.event) &&
      isWithin(range, time) &&
      matchesFilters(condition.where ?? [], properties),
  );
  return meetsComparison(measure(condition.measure ?? { fn: 'count' }, matching), condition.compare);
}

/** @returns null where there is no value */
function measure(by: Measure, events: readonly { properties: JsonObject }[]): number | null {
  if (by.fn === 'count') return events.length;
  const values = events.map(({ properties }) => readProperty(properties, by.property));
  if (by.fn === 'distinct') return new Set(values.filter(isScalar)).size;
  const numbers = values.filter((value) => typeof value === 'number');
  const sum = numbers.reduce((total, value) => total + value, 0);
  if (by.fn === 'sum') return sum;
  if (numbers.length === 0) return null;
  switch (by.fn) {
    case 'avg':
      return sum / numbers.length;
    case 'min':
      return numbers.reduce((least, value) => Math.min(least, value));
    case 'max':
      return numbers.reduce((most, value) => Math.max(most, value));
  }
}

function isScalar(value: Json | undefined): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
