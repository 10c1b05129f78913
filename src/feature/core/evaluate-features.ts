import { isSystemEvent } from '../../kernel/event.js';
import type { Json, JsonObject } from '../../kernel/json.js';
import { matchesFilters, readProperty } from '../../kernel/property-filter.js';
import type { FeatureContext } from './compile-features.js';
import {
  ANY_EVENT,
  DAY_MS,
  type EventFeature,
  type FeatureValue,
  type NamedFeature,
  type Window,
  windowEnd,
} from './feature.js';
import { decideLifecycle, LIFECYCLE_RECENT_DAYS, lifecycleCode } from './lifecycle.js';
import { createLocalClock, type LocalClock } from './local-clock.js';
import { measureEvents, type SeenEvent } from './measure-events.js';

/** Everything that is known of one user, merges followed. */
export interface UserHistory {
  /** Times in ms since 1970; any order. */
  events: readonly { event: string; time: number; receivedAt: number; properties: JsonObject }[];
  profile: JsonObject;
}

type EvaluationContext = Pick<
  FeatureContext,
  'cutoff' | 'timeZone' | 'asKnown' | 'lifecycle' | 'activeWithinDays'
>;

/**
 * The values of a user's features, computed the plain way: it says what `compileFeatures` means, and the twin test
 * holds both against each other.
 * @returns null where the user is not in the population; a value is null where there is none
 */
export function evaluateFeatures(
  features: readonly NamedFeature[],
  history: UserHistory,
  context: EvaluationContext,
): (number | null)[] | null {
  const clock = createLocalClock(context.timeZone);
  const events = history.events.filter(
    ({ time, receivedAt }) => time < context.cutoff && (!context.asKnown || receivedAt < context.cutoff),
  );
  const own = events.filter(({ event }) => !isSystemEvent(event)).map(({ time }) => time);
  const since =
    context.activeWithinDays === null ? -Infinity : context.cutoff - context.activeWithinDays * DAY_MS;
  if (!own.some((time) => time >= since)) return null;
  const evaluation = { events, own, profile: history.profile, context, clock };
  return features.map(({ value }) => toFinite(evaluate(value, evaluation)));
}

interface Evaluation {
  events: UserHistory['events'];
  /** Times of the user's own events. */
  own: readonly number[];
  profile: JsonObject;
  context: EvaluationContext;
  clock: LocalClock;
}

function evaluate(value: FeatureValue, evaluation: Evaluation): number | null {
  const { profile, context } = evaluation;
  if ('event' in value) return ofEvents(value, evaluation);
  if ('ratio' in value) {
    const { of, to } = value.ratio;
    return divide(toFinite(ofEvents(of, evaluation)), toFinite(ofEvents(to, evaluation)));
  }
  if ('lifecycle' in value) return lifecycleOf(evaluation);
  if ('profile' in value) return matchesFilters([value.profile], profile) ? 1 : 0;
  if ('profileNumber' in value) {
    const number = readProperty(profile, value.profileNumber);
    return typeof number === 'number' ? number : null;
  }
  return daysSinceDate(readProperty(profile, value.profileDaysSince), context.cutoff);
}

function ofEvents(feature: EventFeature, { events, context, clock }: Evaluation): number | null {
  const names = [feature.event].flat();
  const seen: SeenEvent[] = events
    .filter(
      ({ event, time, properties }) =>
        names.some((name) => (name === ANY_EVENT ? !isSystemEvent(event) : event === name)) &&
        isWithin(feature.window, time, context.cutoff) &&
        matchesFilters(feature.where ?? [], properties),
    )
    .map(({ event, time, properties }) => ({ event, time, properties, ...clock(time) }))
    .filter(
      ({ hour, weekday }) => isHour(feature.hours, hour) && (feature.weekdays?.includes(weekday) ?? true),
    );
  return measureEvents(feature, seen, context.cutoff);
}

function isWithin(window: Window, time: number, cutoff: number): boolean {
  if (window === 'all_time') return true;
  const until = cutoff - windowEnd(window) * DAY_MS;
  return time >= until - window.last.days * DAY_MS && time < until;
}

function isHour(hours: { from: number; to: number } | undefined, hour: number): boolean {
  if (!hours) return true;
  const { from, to } = hours;
  return from < to ? hour >= from && hour < to : hour >= from || hour < to;
}

function lifecycleOf({ own, context }: Evaluation): number {
  const { cutoff, lifecycle: limits } = context;
  const daysSince = (time: number) => (cutoff - time) / DAY_MS;
  const isBack = (time: number) => time >= cutoff - limits.returnedDays * DAY_MS;
  const back = own.filter(isBack).map(daysSince);
  const left = own.filter((time) => !isBack(time)).map(daysSince);
  const recent = own.filter((time) => time >= cutoff - LIFECYCLE_RECENT_DAYS * DAY_MS);
  const label = decideLifecycle(
    {
      daysSinceFirst: Math.max(...own.map(daysSince)),
      daysSinceLast: Math.min(...own.map(daysSince)),
      activeDays: new Set(recent.map((time) => Math.ceil(daysSince(time)))).size,
      pauseDays: back.length === 0 || left.length === 0 ? null : Math.min(...left) - Math.max(...back),
    },
    limits,
  );
  return lifecycleCode(label);
}

/** Of a text that begins with a day such as 2026-03-01, from its midnight in UTC; ClickHouse knows 1900 to 2299. */
function daysSinceDate(value: Json | undefined, cutoff: number): number | null {
  const day = typeof value === 'string' ? /^(?:19|2[0-2])\d{2}-\d{2}-\d{2}/.exec(value)?.[0] : undefined;
  if (day === undefined) return null;
  const atMs = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(atMs) || !new Date(atMs).toISOString().startsWith(day)) return null;
  return (cutoff - atMs) / DAY_MS;
}

function divide(of: number | null, to: number | null): number | null {
  return of === null || to === null ? null : of / to;
}

function toFinite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
