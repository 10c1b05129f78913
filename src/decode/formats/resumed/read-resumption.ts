import type { Effect } from '../../../kernel/effects.js';
import type { TrackedRecord } from '../../../kernel/event.js';
import type { ProjectId } from '../../../kernel/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.js';
import type { ProfileMerge, Resumption } from '../../../kernel/resumption.js';

type FieldKind = 'text' | 'number' | 'object';

const EFFECT_FIELDS: Record<Effect['kind'], Record<string, FieldKind>> = {
  request_message: {
    userId: 'number',
    templateId: 'text',
    channel: 'text',
    origin: 'text',
    dedupeKey: 'text',
    variables: 'object',
  },
  call_webhook: { userId: 'number', origin: 'text', url: 'text', dedupeKey: 'text', body: 'object' },
  record_event: {
    userId: 'number',
    event: 'text',
    time: 'number',
    dedupeKey: 'text',
    properties: 'object',
  },
  record_engagement: { messageId: 'text', engagement: 'text', at: 'number' },
};
const RECORD_FIELDS: Record<string, FieldKind> = {
  eventId: 'text',
  type: 'text',
  event: 'text',
  distinctId: 'text',
  identities: 'object',
  userId: 'number',
  time: 'number',
  receivedAt: 'number',
  source: 'text',
  properties: 'object',
};
const MERGE_FIELDS: Record<string, FieldKind> = { id: 'number', from: 'number', into: 'number' };

/**
 * Reads what a dead letter of a step says is to be done again, or null. The letter is our own, perhaps of an earlier
 * version: what it lacks must not fail the step a second time.
 */
export function readResumption(value: Json, projectId: ProjectId): Resumption | null {
  if (!isJsonObject(value)) return null;
  const { step, record, effect, merge } = value;
  switch (step) {
    case 'trigger':
    case 'attribute':
      return has(record, RECORD_FIELDS)
        ? { step, record: { ...(record as unknown as TrackedRecord), projectId } }
        : null;
    case 'effects':
      return isEffect(effect) ? { step, effect: { ...(effect as unknown as Effect), projectId } } : null;
    case 'profile':
      return has(merge, MERGE_FIELDS)
        ? { step, merge: { ...(merge as unknown as ProfileMerge), projectId } }
        : null;
    default:
      return null;
  }
}

function isEffect(value: Json | undefined): boolean {
  if (!isJsonObject(value) || typeof value['kind'] !== 'string') return false;
  return (
    Object.hasOwn(EFFECT_FIELDS, value['kind']) && has(value, EFFECT_FIELDS[value['kind'] as Effect['kind']])
  );
}

function has(value: Json | undefined, fields: Record<string, FieldKind>): boolean {
  return isJsonObject(value) && Object.entries(fields).every(([name, kind]) => isOf(kind, value, name));
}

function isOf(kind: FieldKind, object: JsonObject, name: string): boolean {
  const value = object[name];
  if (kind === 'object') return isJsonObject(value);
  return kind === 'text' ? typeof value === 'string' : Number.isSafeInteger(value);
}
