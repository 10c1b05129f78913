import { type DecodedRecord, type ItemRecord, isSystemEvent, type RecordType } from '../../kernel/event.js';
import type { ProjectId } from '../../kernel/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.js';
import { dead } from '../../kernel/outcome.js';
import type { DeadReason } from '../../kernel/reasons.js';
import { type CleanProperties, cleanProperties, type ValueRule } from './clean-properties.js';
import { contentEventId, trackedEventId } from './event-id.js';
import { identitiesOfRecord, MAX_ID_LENGTH, ownLoginKey, toId } from './identities-of-record.js';
import { isLegalName } from './names.js';
import {
  describeTimeFault,
  type RecordTime,
  type TimeWindow,
  toMilliseconds,
  toRecordTime,
} from './record-time.js';
import { toStorable } from './storable-text.js';
import { isItem, toItem } from './to-item.js';

/** What a record's envelope knows about it. */
export interface RecordContext {
  projectId: ProjectId;
  receivedAt: number;
  /** Slug that the request named; a record that names another does not belong here. Null: not checked. */
  projectSlug: string | null;
  /** The payload's checksum was wrong; its events say so. */
  hasCrcMismatch: boolean;
  /** Address that the request came from; becomes `$ip` of an event that has none. */
  ip: string;
  timeWindow: TimeWindow;
}

export type RecordOutcome =
  | { kind: 'ok'; record: DecodedRecord; refusedProperties: number }
  | { kind: 'item'; item: ItemRecord; refusedProperties: number }
  | { kind: 'dead'; reason: DeadReason; detail: string };

/** What a SensorsData record type means to us. */
interface TypeRule {
  type: RecordType;
  /** Null: the record has no event. Empty: it must name one. */
  event: string | null;
  values: ValueRule;
}

const TYPE_RULES: ReadonlyMap<Json | undefined, TypeRule> = new Map<Json | undefined, TypeRule>([
  ['track', { type: 'track', event: '', values: 'any' }],
  ['track_signup', { type: 'identify', event: '$SignUp', values: 'any' }],
  ['track_id_bind', { type: 'identify', event: '$BindID', values: 'any' }],
  ['track_id_unbind', { type: 'unbind', event: '$UnbindID', values: 'any' }],
  ['profile_set', { type: 'profile_set', event: null, values: 'any' }],
  ['profile_set_once', { type: 'profile_set_once', event: null, values: 'any' }],
  ['profile_increment', { type: 'profile_increment', event: null, values: 'numbers' }],
  ['profile_append', { type: 'profile_append', event: null, values: 'lists' }],
  ['profile_unset', { type: 'profile_unset', event: null, values: 'names' }],
  ['profile_delete', { type: 'profile_delete', event: null, values: 'any' }],
]);
const LIFTED_FROM_EVENTS: ReadonlySet<string> = new Set(['$project', '$token', '$time']);
const LIFTED_FROM_PROFILES: ReadonlySet<string> = new Set([...LIFTED_FROM_EVENTS, '$is_login_id']);
const MAX_SOURCE_LENGTH = 100;

/**
 * Turns one SensorsData record into ours, or says why it cannot be.
 * A bad property is left out and named in `$illegal_keys`; only what makes the record meaningless refuses it.
 * May change `raw` in place.
 *
 * Source: SensorsData data format; record types as the Web 1.27, Android, iOS 4.9, Java and Python SDKs send them.
 */
export function toRecord(raw: Json, context: RecordContext): RecordOutcome {
  if (!isJsonObject(raw)) return dead('not_a_record', 'The record is not a JSON object.');
  const rule = TYPE_RULES.get(raw['type']);
  if (!rule && !isItem(raw)) return refuseType(raw['type']);
  const properties = toPropertyObject(raw['properties']);
  if (!properties) return dead('not_a_record', 'The properties are not an object.');
  const foreign = findForeignProject(raw, properties, context.projectSlug);
  if (foreign !== null) return dead('unknown_project', `The record names the project ${foreign}.`);
  if (!rule) return toItem(raw, properties, context.projectId);
  const distinctId = toId(raw['distinct_id']);
  if (distinctId === null) return refuseDistinctId(raw['distinct_id']);
  const event = toEventName(raw['event'], rule);
  if (typeof event !== 'string') return event;
  const rawTime = toMilliseconds(properties['$time']) === null ? raw['time'] : properties['$time'];
  const time = toRecordTime({
    time: rawTime,
    flushTime: raw['_flush_time'],
    isTimeFree: raw['time_free'] === true,
    receivedAt: context.receivedAt,
    window: context.timeWindow,
  });
  if (typeof time === 'string')
    return dead(time, describeTimeFault(time, context.timeWindow, 'The time is no 10 or 13 digits.'));
  return build({ raw, rule, context, properties, distinctId, event, rawTime, time });
}

interface ValidRecord {
  raw: JsonObject;
  rule: TypeRule;
  context: RecordContext;
  properties: JsonObject;
  distinctId: string;
  event: string;
  rawTime: Json | undefined;
  time: RecordTime;
}

function build(valid: ValidRecord): RecordOutcome {
  const { raw, rule, context, properties, distinctId, event, time } = valid;
  // Both read the properties as they came, so they go before the cleaning.
  const eventId = toEventId(valid);
  const isLogin = isLoginId(valid);
  const isProfile = rule.event === null;
  const clean = cleanProperties(properties, rule.values, liftedNames(properties, isProfile));
  const identities = identitiesOfRecord(raw, distinctId, { isLogin, isUnbind: rule.type === 'unbind' });
  const loginKey = ownLoginKey(distinctId, isLogin, identities);
  const lib = isJsonObject(raw['lib']) ? raw['lib'] : null;
  if (!isProfile) annotate(clean, lib, context);
  return {
    kind: 'ok',
    refusedProperties: clean.refusedCount,
    record: {
      eventId,
      projectId: context.projectId,
      type: rule.type,
      event,
      distinctId,
      identities,
      originalId: rule.type === 'identify' ? toId(raw['original_id']) : null,
      ...(loginKey === null ? {} : { loginKey }),
      time: time.time,
      clientTime: time.clientTime,
      receivedAt: context.receivedAt,
      source: toSource(lib, properties),
      properties: rule.type === 'profile_delete' ? {} : clean.properties,
    },
  };
}

function toPropertyObject(value: Json | undefined): JsonObject | null {
  if (isJsonObject(value)) return value;
  // PHP writes an empty map as an empty list.
  const isEmpty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
  return isEmpty ? {} : null;
}

function toEventName(raw: Json | undefined, rule: TypeRule): string | RecordOutcome {
  if (rule.event === null) return '';
  const isAbsent = raw === undefined || raw === null || raw === '';
  if (isAbsent)
    return rule.event === '' ? dead('missing_event_name', 'A track record names its event.') : rule.event;
  if (typeof raw !== 'string' || !isLegalName(raw)) {
    return dead('invalid_name', 'An event name has letters, digits, _ and $, at most 100.');
  }
  return isSystemEvent(raw) ? dead('invalid_name', `${raw} is an event that only Rekindle records.`) : raw;
}

function toEventId({ raw, context, distinctId, rawTime, rule, event }: ValidRecord): string {
  const trackId = raw['_track_id'];
  const isTracked =
    (typeof trackId === 'number' && trackId !== 0) || (typeof trackId === 'string' && trackId !== '');
  const isTimed = rawTime !== undefined && rawTime !== null;
  if (!isTracked) return contentEventId(context.projectId, raw, isTimed ? null : context.receivedAt);
  return trackedEventId({
    projectId: context.projectId,
    distinctId,
    trackId: String(trackId),
    rawTime: isTimed ? String(rawTime) : '',
    name: `${rule.type}\0${event}`,
  });
}

function isLoginId({ raw, properties, distinctId }: ValidRecord): boolean {
  if (raw['type'] === 'track_signup' || properties['$is_login_id'] === true) return true;
  return raw['login_id'] !== undefined && toId(raw['login_id']) === distinctId;
}

/** The slug that a record names where it is not the one of its request. */
function findForeignProject(raw: JsonObject, properties: JsonObject, slug: string | null): string | null {
  const named = raw['project'] ?? properties['$project'];
  if (slug === null || typeof named !== 'string' || named === '' || named === slug) return null;
  return toStorable(named, 100);
}

function liftedNames(properties: JsonObject, isProfile: boolean): ReadonlySet<string> | null {
  if (isProfile) return LIFTED_FROM_PROFILES;
  const isAny =
    properties['$project'] !== undefined ||
    properties['$token'] !== undefined ||
    properties['$time'] !== undefined;
  return isAny ? LIFTED_FROM_EVENTS : null;
}

function toSource(lib: JsonObject | null, properties: JsonObject): string {
  const name = lib?.['$lib'] ?? properties['$lib'];
  const version = lib?.['$lib_version'] ?? properties['$lib_version'];
  if (typeof name !== 'string') return '';
  return toStorable(typeof version === 'string' ? `${name}/${version}` : name, MAX_SOURCE_LENGTH);
}

/** Adds to an event what its SDK and its decoding tell about it. */
function annotate(clean: CleanProperties, lib: JsonObject | null, context: RecordContext): void {
  const { properties } = clean;
  if (lib) {
    fill(properties, '$lib', lib['$lib']);
    fill(properties, '$lib_version', lib['$lib_version']);
    fill(properties, '$lib_method', lib['$lib_method']);
    fill(properties, '$app_version', lib['$app_version']);
  }
  if (clean.refusedCount > 0) properties['$illegal_keys'] = clean.refusedNames;
  if (context.ip !== '') fill(properties, '$ip', context.ip);
  if (context.hasCrcMismatch) properties['$crc_mismatch'] = true;
}

function fill(properties: JsonObject, name: string, value: Json | undefined): void {
  if (typeof value === 'string' && properties[name] === undefined) properties[name] = toStorable(value, 255);
}

function refuseType(type: Json | undefined): RecordOutcome {
  if (typeof type !== 'string') return dead('not_a_record', 'The record has no type.');
  return dead('unknown_record_type', `There is no record type ${toStorable(type, 100)}.`);
}

function refuseDistinctId(raw: Json | undefined): RecordOutcome {
  const isAbsent = raw === undefined || raw === null || raw === '';
  return isAbsent
    ? dead('missing_distinct_id', 'The record has no distinct_id.')
    : dead(
        'invalid_name',
        `distinct_id is a text of at most ${MAX_ID_LENGTH} characters that can all be stored.`,
      );
}
