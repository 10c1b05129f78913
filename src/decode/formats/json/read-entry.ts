import type { RecordType } from '../../../kernel/event.js';
import type { ProjectId } from '../../../kernel/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.js';
import { cleanProperties, MAX_PROPERTIES, type ValueRule } from '../../core/clean-properties.js';
import { contentEventId, trackedEventId } from '../../core/event-id.js';
import { toId } from '../../core/identities-of-record.js';
import { fromIsoTime } from '../../core/iso-time.js';
import { isLegalName, readEventName } from '../../core/names.js';
import type { Person } from '../../core/person-of.js';
import type { ItemOutcome } from '../../core/read-items.js';
import { describeTimeFault, type RecordTime, type TimeWindow, toRecordTime } from '../../core/record-time.js';
import { toStorable } from '../../core/storable-text.js';
import { readPerson } from './read-person.js';
import { ID_RULE, NAME_RULE, pointerTo, type Wrong, wrong } from './wrong.js';

/** What the request around an entry knows about it. */
export interface EntryContext {
  projectId: ProjectId;
  receivedAt: number;
  timeWindow: TimeWindow;
  /** Null where the client sent none. */
  idempotencyKey: string | null;
  /** Place of the entry in the request. */
  index: number;
}

const FIELDS: ReadonlySet<string> = new Set([
  'type',
  'event',
  'event_id',
  'user_id',
  'distinct_id',
  'identities',
  'time',
  'time_free',
  'properties',
]);
/** How the values of each type of record have to look. */
const TYPES: ReadonlyMap<Json | undefined, { type: RecordType; values: ValueRule }> = new Map(
  (
    [
      ['track', 'any'],
      ['identify', 'any'],
      ['unbind', 'any'],
      ['profile_set', 'any'],
      ['profile_set_once', 'any'],
      ['profile_increment', 'numbers'],
      ['profile_append', 'lists'],
      ['profile_unset', 'names'],
      ['profile_delete', 'any'],
    ] as const
  ).map(([type, values]) => [type, { type, values }]),
);
/** Event names of records that need not name theirs. */
const DEFAULT_EVENTS: Partial<Record<RecordType, string>> = { identify: '$Identify', unbind: '$UnbindID' };
const SOURCE = 'json';
const TOO_MANY = `or there are more than ${MAX_PROPERTIES} properties`;
const VALUE_RULES: Record<ValueRule, string> = {
  any: `The value is nested too deep or no finite number, ${TOO_MANY}.`,
  numbers: `The value is no finite number, ${TOO_MANY}.`,
  lists: `The list is nested too deep, ${TOO_MANY}.`,
  names: `There are more than ${MAX_PROPERTIES} properties.`,
};

/** An entry whose fields are all right. */
interface Entry {
  raw: JsonObject;
  type: RecordType;
  event: string;
  person: Person;
  time: RecordTime;
  properties: JsonObject;
}

/**
 * Turns one entry of the plain JSON API into a record, or says what of it is wrong. Stricter than the formats of SDKs:
 * whoever writes to this API reads the answer, so nothing of an entry is left out without a word.
 */
export function readEntry(raw: Json, context: EntryContext): ItemOutcome {
  if (!isJsonObject(raw)) return wrong('', 'not_a_record', 'The record is not a JSON object.');
  const entry = readFields(raw, context);
  if ('reason' in entry) return entry;
  const { type, event, person, time, properties } = entry;
  return {
    kind: 'ok',
    refusedProperties: 0,
    records: [
      {
        eventId: eventIdOf(entry, context),
        projectId: context.projectId,
        type,
        event,
        distinctId: person.distinctId,
        identities: person.identities,
        originalId: type === 'identify' ? originalIdOf(raw, person) : null,
        time: time.time,
        clientTime: time.clientTime,
        receivedAt: context.receivedAt,
        source: SOURCE,
        properties,
      },
    ],
  };
}

function readFields(raw: JsonObject, context: EntryContext): Entry | Wrong {
  const unknown = Object.keys(raw).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) {
    const detail = `There is no field ${toStorable(unknown, 100)} here: remove it or correct its name.`;
    return wrong(pointerTo(unknown), 'unknown_field', detail);
  }
  const rule = TYPES.get(raw['type'] ?? 'track');
  if (!rule)
    return wrong('/type', 'unknown_record_type', `A type is one of ${[...TYPES.keys()].join(', ')}.`);
  const event = readEvent(raw, rule.type);
  if (typeof event !== 'string') return event;
  const person = readPerson(raw, rule.type);
  if ('reason' in person) return person;
  if (raw['event_id'] !== undefined && toId(raw['event_id']) === null)
    return wrong('/event_id', 'invalid_value', ID_RULE);
  const time = readTime(raw, context);
  if ('reason' in time) return time;
  const read = readProperties(raw['properties'], rule.values);
  if (read.kind === 'dead') return read;
  const properties = rule.type === 'profile_delete' ? {} : read.properties;
  return { raw, type: rule.type, event, person, time, properties };
}

function readEvent(raw: JsonObject, type: RecordType): string | Wrong {
  if (type.startsWith('profile_')) {
    if (raw['event'] === undefined) return '';
    return wrong('/event', 'unknown_field', 'A change of a profile has no event: remove the field.');
  }
  const read = readEventName(raw['event'] ?? DEFAULT_EVENTS[type]);
  return read.kind === 'ok' ? read.name : { ...read, pointer: '/event' };
}

function readTime(raw: JsonObject, { receivedAt, timeWindow }: EntryContext): RecordTime | Wrong {
  const isTimeFree = raw['time_free'] ?? false;
  if (typeof isTimeFree !== 'boolean') return wrong('/time_free', 'invalid_value', 'It is true or false.');
  const time = toRecordTime({
    time: fromIsoTime(raw['time']),
    flushTime: undefined,
    isTimeFree,
    receivedAt,
    window: timeWindow,
  });
  if (typeof time !== 'string') return time;
  const formats = 'The time is ISO 8601, or 13 digits (milliseconds), or 10 (seconds), since September 2001.';
  return wrong('/time', time, describeTimeFault(time, timeWindow, formats));
}

function readProperties(
  raw: Json | undefined,
  rule: ValueRule,
): { kind: 'ok'; properties: JsonObject } | Wrong {
  if (raw !== undefined && raw !== null && !isJsonObject(raw)) {
    return wrong('/properties', 'invalid_value', 'The properties are an object.');
  }
  // A copy, for the cleaning changes what it is given, and a dead letter shows what came.
  const clean = cleanProperties({ ...raw }, rule, null);
  const refused = Object.keys(raw ?? {}).find((name) => !isStored(name, raw?.[name], clean.properties));
  if (clean.refusedCount === 0 || refused === undefined) return { kind: 'ok', properties: clean.properties };
  const pointer = pointerTo('properties', refused);
  if (!isLegalName(refused)) return wrong(pointer, 'invalid_name', NAME_RULE);
  return wrong(pointer, 'invalid_value', VALUE_RULES[rule]);
}

function isStored(name: string, value: Json | undefined, properties: JsonObject): boolean {
  return value === null || Object.hasOwn(properties, name);
}

function eventIdOf({ raw, type, event, person, time }: Entry, context: EntryContext): string {
  const { projectId, idempotencyKey, index, receivedAt } = context;
  const trackId = toId(raw['event_id']);
  if (trackId !== null) {
    const name = `${type}\0${event}`;
    return trackedEventId({ projectId, distinctId: person.distinctId, trackId, rawTime: '', name });
  }
  // The key alone is not enough: with it, another request under the same key would be lost as a repeat of the first.
  if (idempotencyKey !== null) {
    return contentEventId(projectId, { ...raw, '': [idempotencyKey, index] }, null);
  }
  return contentEventId(projectId, raw, time.clientTime === null ? receivedAt : null);
}

function originalIdOf(raw: JsonObject, { distinctId }: Person): string | null {
  const anonymousId = toId(raw['distinct_id']);
  return anonymousId === distinctId ? null : anonymousId;
}
