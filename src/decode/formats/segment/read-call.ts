import type { DecodedRecord, RecordType } from '../../../kernel/event.js';
import type { ProjectId } from '../../../kernel/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.js';
import { dead, type Failure } from '../../../kernel/outcome.js';
import { cleanProperties } from '../../core/clean-properties.js';
import { contentEventId, trackedEventId } from '../../core/event-id.js';
import { toId } from '../../core/identities-of-record.js';
import { fromIsoTime } from '../../core/iso-time.js';
import { readEventName, withLegalNames } from '../../core/names.js';
import { type Person, personOf } from '../../core/person-of.js';
import { describeTimeFault, type RecordTime, type TimeWindow, toRecordTime } from '../../core/record-time.js';
import { toStorable } from '../../core/storable-text.js';
import { contextProperties } from './context-properties.js';

/** What the request around a call knows about it. */
export interface CallContext {
  projectId: ProjectId;
  receivedAt: number;
  timeWindow: TimeWindow;
  ip: string;
  /** When the client sent the batch, as it wrote it. */
  sentAt: Json | undefined;
  /** Context of the whole batch; that of a call goes before. */
  context: JsonObject;
}

export type CallOutcome = { kind: 'ok'; records: DecodedRecord[]; refusedProperties: number } | Failure;

/** Event that an identify or alias call leaves when it joins two ids. */
const IDENTIFY_EVENT = '$Identify';
const PAGE_EVENT = '$pageview';
const SCREEN_EVENT = '$AppViewScreen';
/** Differ from one sending of a call to the next. */
const PER_SENDING = ['sentAt', 'writeKey', '_metadata', 'integrations'];
const MAX_SOURCE_LENGTH = 100;

/** A record in the making: what of it is not the same for all records of the call. */
interface Draft {
  type: RecordType;
  event: string;
  properties: JsonObject;
  person: Person;
  originalId?: string;
}

/**
 * Turns one call into records, or says why it cannot be. An identify call can give two: the join of its ids, and the
 * change of the profile.
 * Source: Segment Spec; analytics-node 3.1, analytics-next 1.84.
 */
export function readCall(raw: Json, context: CallContext): CallOutcome {
  if (!isJsonObject(raw)) return dead('not_a_record', 'The call is not a JSON object.');
  const person = personOf({ userId: raw['userId'], anonymousId: raw['anonymousId'] });
  if (person.kind === 'dead') return person;
  const time = toRecordTime({
    time: fromIsoTime(raw['originalTimestamp'] ?? raw['timestamp']),
    flushTime: fromIsoTime(raw['sentAt'] ?? context.sentAt),
    isTimeFree: false,
    receivedAt: context.receivedAt,
    window: context.timeWindow,
  });
  if (typeof time === 'string')
    return dead(time, describeTimeFault(time, context.timeWindow, 'The timestamp is no ISO 8601 time.'));
  const drafts = toDrafts(raw, person);
  if (!Array.isArray(drafts)) return drafts;
  return build(raw, drafts, { ...context, time });
}

function toDrafts(raw: JsonObject, person: Person): Draft[] | Failure {
  switch (raw['type']) {
    case 'track': {
      const event = readEventName(raw['event']);
      if (event.kind === 'dead') return event;
      return [{ type: 'track', event: event.name, properties: objectOf(raw['properties']), person }];
    }
    case 'page':
      return [{ type: 'track', event: PAGE_EVENT, properties: pageProperties(raw), person }];
    case 'screen':
      return [{ type: 'track', event: SCREEN_EVENT, properties: screenProperties(raw), person }];
    case 'identify':
      return [...join(raw, person), profileOf(objectOf(raw['traits']), person)];
    case 'group':
      return [profileOf(groupProperties(raw), person)];
    case 'alias':
      return alias(raw);
    default:
      return refuseType(raw['type']);
  }
}

function profileOf(properties: JsonObject, person: Person): Draft {
  return { type: 'profile_set', event: '', properties, person };
}

/** What an anonymous visitor did belongs to the user once a call names both. */
function join(raw: JsonObject, person: Person): Draft[] {
  const anonymousId = toId(raw['anonymousId']);
  if (toId(raw['userId']) === null || anonymousId === null || anonymousId === person.distinctId) return [];
  return [{ type: 'identify', event: IDENTIFY_EVENT, properties: {}, person, originalId: anonymousId }];
}

function alias(raw: JsonObject): Draft[] | Failure {
  const originalId = toId(raw['previousId']);
  if (originalId === null) return dead('missing_distinct_id', 'An alias call needs a previousId.');
  if (toId(raw['userId']) === null) return dead('missing_distinct_id', 'An alias call needs a userId.');
  const person = personOf({ userId: raw['userId'], anonymousId: originalId });
  if (person.kind === 'dead') return person;
  return [{ type: 'identify', event: IDENTIFY_EVENT, properties: {}, person, originalId }];
}

function pageProperties(raw: JsonObject): JsonObject {
  const { url, path, referrer, title, ...others } = objectOf(raw['properties']);
  return defined({
    $url: url,
    $url_path: path,
    $referrer: referrer,
    $title: title,
    name: raw['name'],
    category: raw['category'],
    ...others,
  });
}

function screenProperties(raw: JsonObject): JsonObject {
  const { name, ...others } = objectOf(raw['properties']);
  return defined({ $screen_name: raw['name'] ?? name, category: raw['category'], ...others });
}

/** A group is no thing of its own here: its id and traits become properties of the user. */
function groupProperties(raw: JsonObject): JsonObject {
  const properties = defined({ $group_id: raw['groupId'] });
  for (const [name, value] of Object.entries(objectOf(raw['traits']))) properties[`$group_${name}`] = value;
  return properties;
}

function build(
  raw: JsonObject,
  drafts: readonly Draft[],
  context: CallContext & { time: RecordTime },
): CallOutcome {
  const fields = { ...context.context, ...objectOf(raw['context']) };
  const presets = contextProperties(fields, context.ip);
  let refusedProperties = 0;
  const records = drafts.map((draft): DecodedRecord => {
    const isProfile = draft.event === '';
    const all = isProfile ? draft.properties : { ...presets, ...draft.properties };
    const clean = cleanProperties(withLegalNames(all), 'any', null);
    refusedProperties += clean.refusedCount;
    if (clean.refusedCount > 0 && !isProfile) clean.properties['$illegal_keys'] = clean.refusedNames;
    return {
      eventId: eventIdOf(raw, draft, context),
      projectId: context.projectId,
      type: draft.type,
      event: draft.event,
      distinctId: draft.person.distinctId,
      identities: { ...draft.person.identities },
      originalId: draft.originalId ?? null,
      time: context.time.time,
      clientTime: context.time.clientTime,
      receivedAt: context.receivedAt,
      source: sourceOf(presets),
      properties: clean.properties,
    };
  });
  return { kind: 'ok', records, refusedProperties };
}

function eventIdOf(
  raw: JsonObject,
  { type, event, person }: Draft,
  context: CallContext & { time: RecordTime },
): string {
  const { projectId } = context;
  const messageId = toId(raw['messageId']);
  const name = `${type}\0${event}`;
  if (messageId !== null) {
    return trackedEventId({
      projectId,
      distinctId: person.distinctId,
      trackId: messageId,
      rawTime: '',
      name,
    });
  }
  const said: JsonObject = { ...raw, type: name };
  for (const field of PER_SENDING) delete said[field];
  return contentEventId(projectId, said, context.time.clientTime === null ? context.receivedAt : null);
}

function sourceOf({ $lib, $lib_version }: JsonObject): string {
  if (typeof $lib !== 'string') return 'segment';
  return toStorable(typeof $lib_version === 'string' ? `${$lib}/${$lib_version}` : $lib, MAX_SOURCE_LENGTH);
}

function refuseType(type: Json | undefined): Failure {
  if (typeof type !== 'string') return dead('not_a_record', 'The call has no type.');
  return dead('unknown_record_type', `There is no call ${toStorable(type, 100)}.`);
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function defined(fields: Record<string, Json | undefined>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter(
      (field): field is [string, Json] => field[1] !== undefined && field[1] !== null,
    ),
  );
}
