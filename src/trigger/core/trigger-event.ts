import { createHash } from 'node:crypto';
import type { TrackedRecord } from '../../kernel/event.js';
import type { Json, JsonObject } from '../../kernel/json.js';
import { readProperty } from '../../kernel/property-filter.js';

/** What a timer keeps of the event that opened it, and what actions see. Times in ms since 1970. */
export interface TriggerEvent {
  eventId: string;
  name: string;
  /** When it happened, by the corrected clock of the client. */
  time: number;
  receivedAt: number;
  properties: JsonObject;
}

/** Longer values are compared by their hash: an index row of PostgreSQL holds at most 2.7 KB. */
const PLAIN_CORRELATION_LENGTH = 100;

/** Deeper values are left out: nobody reads them, and copying them must not exhaust the stack. */
const MAX_DEPTH = 20;

/** Takes over what triggers need of a record, without characters that PostgreSQL's jsonb cannot hold. */
export function toTriggerEvent(record: TrackedRecord): TriggerEvent {
  return {
    eventId: record.eventId,
    name: record.event,
    time: record.time,
    receivedAt: record.receivedAt,
    properties: storable(record.properties, 0) as JsonObject,
  };
}

/**
 * What the opening event and the `unless` event must share, as text; empty where the rule asks for nothing.
 * An absent property is a value of its own. The number 5 and the text "5" differ, as in filters.
 */
export function correlationOf(property: string | undefined, properties: JsonObject): string {
  if (property === undefined) return '';
  const text = JSON.stringify(readProperty(properties, property) ?? null);
  return text.length <= PLAIN_CORRELATION_LENGTH ? text : createHash('sha256').update(text).digest('hex');
}

/** jsonb refuses U+0000 and half surrogate pairs, and one refused row would block its whole batch. */
function storable(value: Json, depth: number): Json {
  if (typeof value === 'string') return storableText(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => storable(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [storableText(key), storable(item, depth + 1)]),
  );
}

function storableText(text: string): string {
  return text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\uFFFD');
}
