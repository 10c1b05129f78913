import { createHash } from 'node:crypto';
import type { DeadLetter } from '../decode/contract.js';
import type { Effect } from '../kernel/effects.js';
import {
  type DecodedRecord,
  type ItemRecord,
  isEvent,
  OWN_IDENTITY_KEY,
  type RecordType,
  type TrackedRecord,
} from '../kernel/event.js';
import type { JsonObject } from '../kernel/json.js';
import { type ProfileMerge, RESUMED_SOURCE, type Resumption } from '../kernel/resumption.js';

/** What a step of the flow may refuse. */
export type Refusable = DecodedRecord | TrackedRecord | ItemRecord | ProfileMerge | Effect;

/** Makes the dead letter of what a step cannot take, in the format that a replay reads. */
export function toRefusedLetter(step: string, item: Refusable): DeadLetter {
  return {
    projectId: item.projectId,
    reason: 'step_failed',
    detail: `The step ${step} failed for ${describe(item)}; the log has the cause.`,
    ip: '',
    ...toReplayable(step, item),
  };
}

function describe(item: Refusable): string {
  if ('kind' in item) return 'this effect';
  return 'into' in item ? `the merge of the user ${item.from} into ${item.into}` : 'this record';
}

type Replayable = Pick<DeadLetter, 'receivedAt' | 'source' | 'payload'>;

/** A record that is stored already is for its step alone, so that it is not stored twice. */
function toReplayable(step: string, item: Refusable): Replayable {
  if ('kind' in item) return toResumed({ step: 'effects', effect: item });
  if ('into' in item) return toResumed({ step: 'profile', merge: item });
  if ('itemId' in item) {
    return { receivedAt: Date.now(), source: 'sensorsdata', payload: toBytes(toItemRecord(item)) };
  }
  const { receivedAt } = item;
  if ((step === 'trigger' || step === 'attribute') && 'userId' in item) {
    return { ...toResumed({ step, record: item }), receivedAt };
  }
  return REQUESTS.has(item.type) || Object.hasOwn(item.identities, OWN_IDENTITY_KEY)
    ? { receivedAt, source: 'internal', payload: toBytes([toOwnEvent(item)]) }
    : { receivedAt, source: 'sensorsdata', payload: toBytes(toSensorsData(item)) };
}

function toResumed(resumption: Resumption): Replayable {
  return { receivedAt: Date.now(), source: RESUMED_SOURCE, payload: toBytes(resumption) };
}

function toBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** What an admin asked for; it names users, and has no identity. */
const REQUESTS: ReadonlySet<RecordType> = new Set(['merge_users', 'undo_merge']);

/** In the format of Rekindle's own events; under an id of its own, for the first is marked as stored. */
function toOwnEvent({ eventId, type, event, identities, time, properties }: DecodedRecord): JsonObject {
  const id = createHash('sha256').update(`step_failed\n${eventId}`).digest('hex').slice(0, 32);
  return { eventId: id, type, event, userId: identities[OWN_IDENTITY_KEY] ?? '', time, properties };
}

function toItemRecord({ type, itemType, itemId, properties }: ItemRecord): JsonObject {
  return { type, item_type: itemType, item_id: itemId, properties };
}

const SENSORS_DATA_TYPES: Partial<Record<RecordType, string>> = { unbind: 'track_id_unbind' };

/** In the format of the SDKs, to be replayed; without a track id it becomes another record than the one that failed. */
function toSensorsData(record: DecodedRecord): JsonObject {
  const { type, event, distinctId, identities, originalId, time, properties } = record;
  const identified = originalId === null ? 'track_id_bind' : 'track_signup';
  return {
    type: type === 'identify' ? identified : (SENSORS_DATA_TYPES[type] ?? type),
    ...(isEvent(record) ? { event } : {}),
    distinct_id: distinctId,
    identities,
    ...(originalId === null ? {} : { original_id: originalId }),
    time,
    time_free: true,
    properties,
  };
}
