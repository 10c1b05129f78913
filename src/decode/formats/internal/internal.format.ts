import { type DecodedRecord, type Envelope, OWN_IDENTITY_KEY } from '../../../kernel/event.js';
import { isJsonObject, type Json } from '../../../kernel/json.js';
import { type DecodeOutput, defineFormat, emptyOutput, rawPayload } from '../../core/format.js';

/**
 * What Rekindle records itself: the body is a JSON array of events
 * `{ eventId, type: "track", event, userId, time, properties }`, and of what admins ask for,
 * `{ eventId, type: "merge_users" | "undo_merge", time, properties }`. No HTTP request can make such an envelope.
 */
export const internalFormat = defineFormat({
  source: 'internal',

  decode(envelope: Envelope): DecodeOutput {
    const output = emptyOutput();
    const items = parseList(envelope.body);
    if (!items) {
      const detail = 'The body is not a JSON array.';
      output.dead.push({ reason: 'invalid_json', detail, payload: rawPayload(envelope) });
      return output;
    }
    for (const item of items) {
      const record = toRecord(item, envelope);
      if (record) output.records.push(record);
      else {
        const payload = Buffer.from(JSON.stringify([item]));
        output.dead.push({ reason: 'not_a_record', detail: 'The event lacks a field.', payload });
      }
    }
    return output;
  },
});

function parseList(body: Buffer): Json[] | null {
  try {
    const value: Json = JSON.parse(body.toString());
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function toRecord(item: Json, envelope: Envelope): DecodedRecord | null {
  if (!isJsonObject(item)) return null;
  const { eventId, type, event, userId, time, properties } = item;
  if (typeof eventId !== 'string' || !/^[0-9a-f]{32}$/.test(eventId)) return null;
  if (typeof time !== 'number' || !isJsonObject(properties)) return null;
  const record = {
    eventId,
    projectId: envelope.projectId,
    distinctId: '',
    originalId: null,
    time,
    clientTime: time,
    receivedAt: envelope.receivedAt,
    source: 'rekindle',
    properties,
  };
  if (type === 'merge_users' || type === 'undo_merge') return { ...record, type, event: '', identities: {} };
  if (type !== 'track' || typeof event !== 'string' || event === '') return null;
  if (!/^[1-9]\d{0,15}$/.test(String(userId))) return null;
  return { ...record, type, event, identities: { [OWN_IDENTITY_KEY]: String(userId) } };
}
