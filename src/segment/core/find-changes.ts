import type { JsonObject } from '../../kernel/json.js';
import { addDays, startOfLocalDay, toLocalTime } from '../../kernel/local-date.js';
import type { PropertyFilter } from '../../kernel/property-filter.js';
import {
  ANY_EVENT,
  type EventLeaf,
  isEventLeaf,
  type Leaf,
  leavesOf,
  type SegmentDefinition,
} from './condition.js';
import { evaluateSegment, inspect, type PastEvent, type UserHistory } from './evaluate-segment.js';
import type { EventCondition } from './event-condition.js';
import { resolveCompare } from './measure.js';
import { type AsOf, lengthOf, resolveWindowOf } from './resolve-window.js';
import type { EventChoice } from './sequence.js';

/**
 * A change that alone turns a member into none, or the other way round.
 * - `events`: so many more of these events, now; for a sequence each of its steps in order.
 * - `profile`: the property has another value, or none (null).
 * - `list`: the user is put on the list, or taken off it.
 * - `wait`: nothing happens until then, ms since 1970.
 */
export type Change =
  | { kind: 'events'; event: string; count: number; properties: JsonObject }
  | { kind: 'sequence'; events: string[] }
  | { kind: 'profile'; property: string; value: string | number | boolean | null }
  | { kind: 'list'; list: string; isOnList: boolean }
  | { kind: 'wait'; until: number };

/** Days ahead at whose beginning a calendar window or an anniversary may change. */
const DAYS_AHEAD = 62;
/** Events looked at for all moments together: an answer is wanted at once. */
const MAX_WORK = 3_000_000;

/**
 * Changes that flip the answer, the smallest first: fewest events, then the profile, then the earliest moment.
 * Each was tried with `evaluateSegment`, so that it does what it says; there may be others that were not thought of.
 */
export function findChanges(definition: SegmentDefinition, history: UserHistory, at: AsOf): Change[] {
  const isMember = evaluateSegment(definition, history, at);
  const flips = (changed: UserHistory, when: AsOf) => evaluateSegment(definition, changed, when) !== isMember;
  const leaves = leavesOf(definition.where);
  const events = leaves
    .filter(isEventLeaf)
    .flatMap((leaf) => doings(leaf, history, at))
    .filter(({ added }) => flips({ ...history, events: [...history.events, ...added] }, at))
    .sort((a, b) => a.added.length - b.added.length)
    .map(({ change }) => change);
  const profile = leaves
    .flatMap(profileChanges)
    .filter((change) => flips({ ...history, profile: withProperty(history.profile, change) }, at));
  const lists = leaves
    .flatMap((leaf) => listChanges(leaf, history))
    .filter((change) => flips({ ...history, lists: withList(history.lists, change) }, at));
  const moments = momentsAhead(leaves, history, at).slice(0, MAX_WORK / (history.events.length + 1));
  const until = moments.find((asOf) => flips(history, { ...at, asOf }));
  const wait: Change[] = until === undefined ? [] : [{ kind: 'wait', until }];
  return withoutRepeats([...events, ...profile, ...lists, ...wait]);
}

interface Doing {
  change: Change;
  added: PastEvent[];
}

/** What a user could do to change what a condition measures. */
function doings(leaf: EventLeaf, history: UserHistory, at: AsOf): Doing[] {
  if ('sequence' in leaf) {
    const last = leaf.sequence.length - 1;
    const added = leaf.sequence.map((step, index) => toEvent(step, at.asOf - (last - index)));
    return [{ change: { kind: 'sequence', events: added.map(({ event }) => event) }, added }];
  }
  const added = toEvent(leaf, at.asOf, valueWanted(leaf, history, at));
  return countsWanted(leaf, history, at).map((count) => ({
    change: { kind: 'events', event: added.event, count, properties: added.properties },
    added: Array.from({ length: count }, () => added),
  }));
}

function countsWanted(leaf: EventCondition, history: UserHistory, at: AsOf): number[] {
  const fn = leaf.measure?.fn ?? 'count';
  if (fn !== 'count') return [1];
  const { actual } = inspect(leaf, history, at);
  const { value } = resolveCompare(leaf.compare, at);
  const missing = Math.ceil(value - (actual ?? 0));
  return [...new Set([1, missing, missing + 1])].filter((count) => count >= 1 && count <= 10_000);
}

/** The value that moves a sum, an average or an extreme across its threshold. */
function valueWanted(leaf: EventCondition, history: UserHistory, at: AsOf): JsonObject {
  const { measure, compare } = leaf;
  if (!measure || !('property' in measure)) return {};
  if (measure.fn === 'distinct') return { [measure.property]: 'another value' };
  const { actual, events } = inspect(leaf, history, at);
  const { op, value } = resolveCompare(compare, at);
  const target = op === 'more_than' || op === 'at_most' ? value + 1 : op === 'less_than' ? value - 1 : value;
  if (measure.fn === 'sum') return { [measure.property]: target - (actual ?? 0) };
  if (measure.fn === 'avg') {
    return { [measure.property]: target * (events.length + 1) - (actual ?? 0) * events.length };
  }
  return { [measure.property]: target };
}

function toEvent(choice: EventChoice, time: number, wanted: JsonObject = {}): PastEvent {
  const properties = { ...Object.assign({}, ...(choice.where ?? []).map(meeting)), ...wanted } as JsonObject;
  return { event: choice.event, time, properties };
}

/** Properties that meet a filter. */
function meeting(filter: PropertyFilter): JsonObject {
  const { property } = filter;
  switch (filter.op) {
    case 'in':
      return { [property]: filter.values[0] ?? null };
    case 'is_set':
      return { [property]: true };
    case 'is_not_set':
    case 'not_equals':
    case 'not_in':
      return {};
    case 'greater_than':
      return { [property]: filter.value + 1 };
    case 'less_than':
      return { [property]: filter.value - 1 };
    default:
      return { [property]: filter.value };
  }
}

type ProfileChange = Extract<Change, { kind: 'profile' }>;

function profileChanges(leaf: Leaf): ProfileChange[] {
  if (!('profile' in leaf)) return [];
  const { property } = leaf.profile;
  const met = meeting(leaf.profile)[property];
  const values = typeof met === 'string' || typeof met === 'number' || typeof met === 'boolean' ? [met] : [];
  const denied = 'value' in leaf.profile ? [leaf.profile.value] : [];
  return [...values, ...denied, null].map((value) => ({ kind: 'profile', property, value }));
}

function withProperty(profile: JsonObject, { property, value }: ProfileChange): JsonObject {
  return { ...profile, [property]: value };
}

type ListChange = Extract<Change, { kind: 'list' }>;

function listChanges(leaf: Leaf, { lists }: UserHistory): ListChange[] {
  if (!('list' in leaf)) return [];
  return [{ kind: 'list', list: leaf.list, isOnList: !(lists?.has(leaf.list) ?? false) }];
}

function withList(
  lists: ReadonlySet<string> | undefined,
  { list, isOnList }: ListChange,
): ReadonlySet<string> {
  const others = [...(lists ?? [])].filter((each) => each !== list);
  return new Set(isOnList ? [...others, list] : others);
}

/** Moments at which a condition may change though nothing happens, in order. */
function momentsAhead(leaves: readonly Leaf[], history: UserHistory, at: AsOf): number[] {
  const days = Array.from({ length: DAYS_AHEAD }, (_, index) => index + 1).map((day) =>
    startOfLocalDay(addDays(toLocalTime(at.asOf, at.timeZone).slice(0, 10), day), at.timeZone),
  );
  const delays = leaves
    .filter(isEventLeaf)
    .flatMap((leaf) => delaysOf(leaf).map((delayMs) => ({ leaf, delayMs })));
  const byEvents = delays.flatMap(({ leaf, delayMs }) =>
    timesOf(leaf, history, at).flatMap((time) => [time + delayMs, time + delayMs + 1]),
  );
  const needsDays = leaves.some(
    (leaf) =>
      'anniversary' in leaf ||
      ('window' in leaf && typeof leaf.window === 'object' && 'calendar' in leaf.window),
  );
  const moments = [...byEvents, ...(needsDays ? days : [])].filter((time) => time > at.asOf);
  return [...new Set(moments)].sort((a, b) => a - b);
}

/** How long after an event it leaves a window, comes into one, or is so old. */
function delaysOf(leaf: EventLeaf): number[] {
  const { window } = leaf;
  const before =
    typeof window === 'object' && 'last' in window && window.before ? lengthOf(window.before) : 0;
  const ends = typeof window === 'object' && 'last' in window ? [lengthOf(window.last) + before, before] : [];
  const ages = 'event' in leaf && 'ago' in leaf.compare ? [lengthOf(leaf.compare.ago)] : [];
  return [...ends, ...ages];
}

function timesOf(leaf: EventLeaf, { events, profile }: UserHistory, at: AsOf): number[] {
  const names = new Set('event' in leaf ? [leaf.event] : leaf.sequence.map(({ event }) => event));
  const range = resolveWindowOf(leaf.window, at, profile);
  const afterMs = range?.afterMs ?? 0;
  return events
    .filter(({ event, time }) => time > afterMs && (names.has(event) || names.has(ANY_EVENT)))
    .map(({ time }) => time);
}

function withoutRepeats(changes: readonly Change[]): Change[] {
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()].slice(0, 5);
}
