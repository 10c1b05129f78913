import type { JsonObject } from '../../kernel/json.js';
import { matchesFilters, readProperty } from '../../kernel/property-filter.js';
import { DEFAULT_TOP } from './event-choice.js';
import { type FunnelQuery, sameEventBefore, windowOf } from './funnel-query.js';
import type { FunnelGroup, FunnelTable } from './funnel-table.js';
import { type Group, parseGroupValue } from './group.js';
import { median } from './median.js';
import type { Span } from './time-range.js';

/** Everything that is known of one person, merges followed. */
export interface PersonHistory {
  /** `time` in ms since 1970; any order. */
  events: readonly PastEvent[];
  profile: JsonObject;
}

export interface PastEvent {
  event: string;
  time: number;
  properties: JsonObject;
}

interface Attempt {
  /** Times of the steps that were reached. */
  times: number[];
  /** JSON text of the breakdown's value; empty where it has none. */
  group: string;
}

/**
 * The funnel computed the plain way: it says what `compileFunnel` means, and the twin test holds both against each other.
 * @param span range of the first step
 */
export function evaluateFunnel(
  query: FunnelQuery,
  persons: readonly PersonHistory[],
  span: Span,
): FunnelTable {
  const attempts = persons
    .filter(({ profile }) => matchesFilters(query.profile ?? [], profile))
    .flatMap((person) => bestAttempt(query, person, span) ?? []);
  const sizes = new Map<string, number>();
  for (const { group } of attempts) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const ranked = query.breakdown
    ? [...sizes].sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1)).map(([group]) => group)
    : [];
  const shown = ranked.slice(0, query.top ?? DEFAULT_TOP);
  const rest = attempts.filter(({ group }) => query.breakdown && !shown.includes(group));
  return {
    total: toGroup(query, '', attempts),
    groups: shown.map((value) =>
      toGroup(
        query,
        value,
        attempts.filter(({ group }) => group === value),
      ),
    ),
    other: rest.length > 0 ? toGroup(query, '', rest) : null,
    otherGroups: ranked.length - shown.length,
  };
}

/** The first of the attempts that get furthest. */
function bestAttempt(query: FunnelQuery, person: PersonHistory, span: Span): Attempt | null {
  const begins = eventsOf(query, person, 0)
    .filter(({ time }) => time >= span.fromMs && time < span.toMs)
    .map((event) => ({ time: event.time, group: groupOf(query.breakdown, event, person) }))
    .sort((a, b) => a.time - b.time || (a.group < b.group ? -1 : 1));
  let best: Attempt | null = null;
  for (const { time, group } of begins) {
    const times = follow(query, person, time);
    if (times.length > (best?.times.length ?? 0)) best = { times, group };
  }
  return best;
}

function follow(query: FunnelQuery, person: PersonHistory, beganAt: number): number[] {
  const times = [beganAt];
  for (let step = 1; step < query.steps.length; step++) {
    const same = sameEventBefore(query.steps, step);
    const earliest = Math.max(times[step - 1] ?? 0, same === null ? 0 : (times[same] ?? 0) + 1);
    const next = Math.min(
      ...eventsOf(query, person, step)
        .map(({ time }) => time)
        .filter((time) => time >= earliest),
    );
    if (next > beganAt + windowOf(query)) break;
    times.push(next);
  }
  return times;
}

function eventsOf(query: FunnelQuery, person: PersonHistory, step: number): PastEvent[] {
  const asked = query.steps[step];
  return person.events.filter(
    ({ event, properties }) => event === asked?.event && matchesFilters(asked.where ?? [], properties),
  );
}

function groupOf(group: Group | undefined, event: PastEvent, { profile }: PersonHistory): string {
  if (group?.by === 'event') return JSON.stringify(event.event);
  if (group?.by !== 'property' && group?.by !== 'profile') return '';
  const value = readProperty(group.by === 'profile' ? profile : event.properties, group.property);
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function toGroup(query: FunnelQuery, value: string, attempts: readonly Attempt[]): FunnelGroup {
  const reached = query.steps.map((_, step) => attempts.filter(({ times }) => times.length > step));
  return {
    value: parseGroupValue(value),
    persons: reached.map(({ length }) => length),
    medianMs: reached.map((those, step) =>
      step === 0 ? null : median(those.map(({ times }) => (times[step] ?? 0) - (times[step - 1] ?? 0))),
    ),
  };
}
