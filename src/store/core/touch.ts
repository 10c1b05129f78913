import { isEvent, isSystemEvent, type TrackedRecord } from '../../kernel/event.js';
import type { Json, JsonObject } from '../../kernel/json.js';

/** A visit that came from a campaign or another site. */
export interface Touch {
  /** Corrected time of its event, ms since 1970. */
  time: number;
  /** By the names of the profile without `$first_` or `$latest_`. */
  properties: JsonObject;
  /** The same for the same campaign and the same referring host. */
  signature: string;
}

/** Properties of an event, and what they are called behind `$first_` and `$latest_`. */
const PARTS = [
  ['$utm_source', 'utm_source'],
  ['$utm_medium', 'utm_medium'],
  ['$utm_campaign', 'utm_campaign'],
  ['$utm_content', 'utm_content'],
  ['$utm_term', 'utm_term'],
  ['$referrer', 'referrer'],
  ['$referrer_host', 'referrer_host'],
  ['$referrer_class', 'referrer_class'],
  ['$url', 'landing_page'],
] as const;
const UTM = PARTS.slice(0, 5);
const SIGNED = [...UTM.map(([, part]) => part), 'referrer_host'];
/** Classes of referrers that no visit from outside has. */
const NOT_FROM_OUTSIDE: ReadonlySet<Json | undefined> = new Set(['internal', 'direct', undefined]);
const MAX_LENGTH = 1_024;
/** Events of one visit follow one another this closely: they are one touch. */
const VISIT_MS = 30 * 60_000;

/** Whether and from where an event's user came; null for events that tell no campaign and no other site. */
export function readTouch(record: TrackedRecord): Touch | null {
  const { properties } = record;
  const hasCampaign = UTM.some(([name]) => isText(properties[name]));
  const isFromOutside =
    isText(properties['$referrer_host']) && !NOT_FROM_OUTSIDE.has(properties['$referrer_class']);
  if (!(hasCampaign || isFromOutside) || !isEvent(record) || isSystemEvent(record.event)) return null;
  const parts: JsonObject = {};
  for (const [name, part] of PARTS) {
    const value = properties[name];
    if (isText(value)) parts[part] = cut(value);
  }
  return { time: record.time, properties: parts, signature: signatureOf(parts, '') };
}

/**
 * Writes a touch into a profile: `$first_…` where it is the earliest known, `$latest_…` where it is the latest, whatever
 * the order in which they arrive. A further event of the same visit changes nothing.
 * What an SDK set itself stays until a touch is known to be earlier.
 * @returns the same object where nothing changes
 */
export function applyTouch(profile: JsonObject, touch: Touch): JsonObject {
  const first = timeOf(profile, 'first');
  const latest = timeOf(profile, 'latest');
  const isFirst = first === null || touch.time < first;
  const isLatest = latest === null || (touch.time >= latest && !isSameVisit(touch, latest, profile));
  if (!isFirst && !isLatest) return profile;
  const changed = { ...profile };
  if (isFirst) {
    // Without a touch, what is there came from the SDK and is older.
    const given = first === null ? pick(profile, partNames('first')) : {};
    replace(changed, 'first', { ...named('first', touch), ...given });
  }
  if (isLatest) replace(changed, 'latest', named('latest', touch));
  return changed;
}

function isSameVisit(touch: Touch, latest: number, profile: JsonObject): boolean {
  return touch.time - latest <= VISIT_MS && touch.signature === signatureOf(profile, '$latest_');
}

/** Whether a touch changes nothing in a profile of which this is known. */
export function isOfKnownVisit(touch: Touch, known: KnownTouches): boolean {
  return (
    touch.signature === known.signature &&
    touch.time >= known.first &&
    Math.abs(touch.time - known.latest) <= VISIT_MS
  );
}

/** What has to be remembered of a profile to know that a touch changes nothing. */
export interface KnownTouches {
  first: number;
  latest: number;
  signature: string;
}

/** Null where the profile has no touch. */
export function knownTouches(profile: JsonObject): KnownTouches | null {
  const first = timeOf(profile, 'first');
  const latest = timeOf(profile, 'latest');
  return first === null || latest === null
    ? null
    : { first, latest, signature: signatureOf(profile, '$latest_') };
}

/** Of two profiles that become one: the touches of the earlier first and of the later latest. */
export function mergeTouches(merged: JsonObject, into: JsonObject, from: JsonObject): JsonObject {
  const result = { ...merged };
  for (const place of ['first', 'latest'] as const) {
    const present = timeOf(into, place);
    const absorbed = timeOf(from, place);
    if (present === null || absorbed === null) continue;
    const isAbsorbed = place === 'first' ? absorbed < present : absorbed > present;
    replace(result, place, pick(isAbsorbed ? from : into, namesOf(place)));
  }
  return result;
}

type Place = 'first' | 'latest';

/** Never in the middle of a pair of surrogates, which PostgreSQL refuses. */
function cut(text: string): string {
  return text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH).replace(/[\uD800-\uDBFF]$/, '') : text;
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

/** Null where there is none, or somebody wrote there what is no time. */
function timeOf(profile: JsonObject, place: Place): number | null {
  const value = profile[`$${place}_touch_time`];
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

function signatureOf(properties: JsonObject, prefix: string): string {
  return SIGNED.map((part) => properties[prefix + part] ?? '').join('\n');
}

function named(place: Place, { time, properties }: Touch): JsonObject {
  const result: JsonObject = {};
  for (const part in properties) result[`$${place}_${part}`] = properties[part] ?? null;
  result[`$${place}_touch_time`] = new Date(time).toISOString();
  return result;
}

function pick(profile: JsonObject, names: readonly string[]): JsonObject {
  const picked: JsonObject = {};
  for (const name of names) {
    const value = profile[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** All properties of the place go, and these come. */
function replace(profile: JsonObject, place: Place, properties: JsonObject): void {
  for (const name of namesOf(place)) delete profile[name];
  Object.assign(profile, properties);
}

function namesOf(place: Place): string[] {
  return [...partNames(place), `$${place}_touch_time`];
}

function partNames(place: Place): string[] {
  return PARTS.map(([, part]) => `$${place}_${part}`);
}
