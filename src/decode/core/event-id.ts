import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../kernel/json.js';

const ID_LENGTH = 32;
/** Deeper than anything that is stored; below it only the kind of a value counts. */
const CANONICAL_DEPTH = 64;
/** Differ from one sending of a record to the next. */
const PER_SENDING = new Set(['_flush_time', '_nocache']);

/**
 * Id of a record that carries the SDK's own `_track_id`: the same however often the record is sent.
 * The track id alone is a small random number, so person, time and name are part of it.
 */
export function trackedEventId(parts: {
  projectId: number;
  distinctId: string;
  trackId: string;
  /** As the client wrote it; empty where the record has none. */
  rawTime: string;
  /** Record type and event name. */
  name: string;
}): string {
  return shortHash(
    `${parts.projectId}\0${parts.distinctId}\0${parts.trackId}\0${parts.rawTime}\0${parts.name}`,
  );
}

/**
 * Id of a record without a track id: a hash of all it says, whatever the order of its keys.
 * @param receivedAt counts where the record has no time either, for nothing else tells two such records apart;
 *   null where it has one
 */
export function contentEventId(projectId: number, record: JsonObject, receivedAt: number | null): string {
  return shortHash(`${projectId}\0${receivedAt ?? ''}\0${canonicalJson(record, PER_SENDING, 0)}`);
}

function shortHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, ID_LENGTH);
}

function canonicalJson(value: Json, leftOut: ReadonlySet<string> | null, depth: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depth === CANONICAL_DEPTH) return Array.isArray(value) ? '[…]' : '{…}';
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, null, depth + 1)).join()}]`;
  const fields = Object.keys(value)
    .filter((key) => !leftOut?.has(key))
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null, null, depth + 1)}`);
  return `{${fields.join()}}`;
}
