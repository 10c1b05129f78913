import { isSystemEvent } from '../../kernel/event.js';
import type { UserId } from '../../kernel/ids.js';
import type { Json, JsonObject } from '../../kernel/json.js';
import { toLocalTime } from '../../kernel/local-date.js';
import { meetsComparison } from '../../kernel/number-compare.js';
import { matchesFilters, readProperty } from '../../kernel/property-filter.js';
import { ANY_EVENT, type Condition, groupOf, type Leaf, type SegmentDefinition } from './condition.js';
import type { EventCondition } from './event-condition.js';
import { findSequence } from './find-sequence.js';
import { type Measure, resolveCompare } from './measure.js';
import { isAnniversary, isInBucket } from './references.js';
import { type AsOf, isWithin, resolveWindowOf } from './resolve-window.js';
import type { EventChoice } from './sequence.js';
import { inspectValue, isValueLeaf, type UserValues, type ValueCondition } from './value-condition.js';
import type { Window } from './window.js';

export interface PastEvent {
  event: string;
  /** ms since 1970 */
  time: number;
  properties: JsonObject;
}

/** Everything that is known of one user, merges followed. */
export interface UserHistory<Event extends PastEvent = PastEvent> {
  userId: UserId;
  /** In any order. */
  events: readonly Event[];
  profile: JsonObject;
  /** What was computed of the user, as far as it is asked about. */
  values?: UserValues;
  /** Ids of the lists that the user is on, of those that are asked about. */
  lists?: ReadonlySet<string>;
}

/** What a leaf of the tree comes to for one user. */
export interface Finding<Event extends PastEvent = PastEvent> {
  holds: boolean;
  /** What was measured; times in ms since 1970; null where there is no value, or nothing is measured. */
  actual: number | null;
  /** The events that were measured, or that make the sequence. */
  events: readonly Event[];
}

/**
 * Whether a user is in the segment, computed the plain way: it says what `compileSegment` means,
 * and the twin test holds both against each other.
 */
export function evaluateSegment(definition: SegmentDefinition, history: UserHistory, at: AsOf): boolean {
  return holds(definition.where, (leaf) => inspect(leaf, history, at).holds);
}

/** Whether a condition holds, given which of its leaves do. */
export function holds(condition: Condition, leafHolds: (leaf: Leaf) => boolean): boolean {
  const group = groupOf(condition);
  if (!group) return leafHolds(condition as Leaf);
  const child = (each: Condition) => holds(each, leafHolds);
  if (group.kind === 'all') return group.children.every(child);
  return group.kind === 'any' ? group.children.some(child) : !group.children.some(child);
}

/** What one leaf of the tree comes to. */
export function inspect<Event extends PastEvent>(
  leaf: Leaf,
  history: UserHistory<Event>,
  at: AsOf,
): Finding<Event> {
  if ('event' in leaf) return inspectEvents(leaf, history, at);
  if ('sequence' in leaf) {
    const events = findSequence(leaf, (choice) => select(choice, leaf.window, history, at) ?? []);
    return { holds: events !== null, actual: null, events: events ?? [] };
  }
  if (isValueLeaf(leaf)) return { ...inspectValue(leaf, history.values), events: [] };
  return { holds: holdsForPerson(leaf, history, at), actual: null, events: [] };
}

function holdsForPerson(
  leaf: Exclude<Leaf, { window: Window } | ValueCondition>,
  { userId, profile, lists }: UserHistory,
  at: AsOf,
): boolean {
  if ('profile' in leaf) return matchesFilters([leaf.profile], profile);
  if ('list' in leaf) return lists?.has(leaf.list) ?? false;
  return 'bucket' in leaf ? isInBucket(leaf, userId) : isAnniversary(leaf, profile, at);
}

function inspectEvents<Event extends PastEvent>(
  condition: EventCondition,
  history: UserHistory<Event>,
  at: AsOf,
): Finding<Event> {
  const events = select(condition, condition.window, history, at);
  if (events === null) return { holds: false, actual: null, events: [] };
  const actual = measure(condition.measure ?? { fn: 'count' }, events, at);
  return { holds: meetsComparison(actual, resolveCompare(condition.compare, at)), actual, events };
}

/** @returns null where the window has no beginning */
function select<Event extends PastEvent>(
  choice: EventChoice,
  window: Window,
  { events, profile }: UserHistory<Event>,
  at: AsOf,
): Event[] | null {
  const range = resolveWindowOf(window, at, profile);
  if (range === null) return null;
  return events.filter(
    ({ event, time, properties }) =>
      (choice.event === ANY_EVENT ? !isSystemEvent(event) : event === choice.event) &&
      isWithin(range, time) &&
      matchesFilters(choice.where ?? [], properties),
  );
}

/** @returns null where there is no value */
function measure(by: Measure, events: readonly PastEvent[], { timeZone }: AsOf): number | null {
  switch (by.fn) {
    case 'count':
      return events.length;
    case 'active_days':
      return new Set(events.map(({ time }) => toLocalTime(time, timeZone).slice(0, 10))).size;
    case 'first_time':
      return leastOf(events.map(({ time }) => time));
    case 'last_time':
      return mostOf(events.map(({ time }) => time));
    default:
      return measureValues(by, events);
  }
}

function measureValues(
  by: Extract<Measure, { property: string }>,
  events: readonly PastEvent[],
): number | null {
  const values = events.map(({ properties }) => readProperty(properties, by.property));
  if (by.fn === 'distinct') return new Set(values.filter(isScalar)).size;
  const numbers = values.filter((value) => typeof value === 'number');
  const sum = numbers.reduce((total, value) => total + value, 0);
  switch (by.fn) {
    case 'sum':
      return sum;
    case 'avg':
      return numbers.length === 0 ? null : sum / numbers.length;
    case 'min':
      return leastOf(numbers);
    case 'max':
      return mostOf(numbers);
  }
}

function leastOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((least, value) => Math.min(least, value));
}

function mostOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value));
}

function isScalar(value: Json | undefined): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
