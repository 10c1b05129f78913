import type { Envelope } from './event.js';
import type { DeadReason } from './reasons.js';

/** Name of the event source of requests that collect did not take in; they end as dead letters. */
export const REFUSED_SOURCE = 'refused';

/** Bytes of a request or record that a dead letter keeps. */
export const KEPT_PAYLOAD_BYTES = 64 * 1024;

/** Why a request was not taken in, and what it was. */
export interface Refusal {
  reason: DeadReason;
  /** For people; at most 100 characters of what the client sent. */
  detail: string;
  /** The event source that the request was for. */
  source: string;
  /** Query string of the request. */
  query: string;
}

/** Makes the envelope under which a refused request goes to the journal: the refusal travels in the query. */
export function toRefusedEnvelope(envelope: Envelope, reason: DeadReason, detail: string): Envelope {
  const query = new URLSearchParams({
    reason,
    detail,
    source: envelope.source,
    query: envelope.query,
  }).toString();
  return { ...envelope, source: REFUSED_SOURCE, query, body: envelope.body.subarray(0, KEPT_PAYLOAD_BYTES) };
}

/** Reads back what `toRefusedEnvelope` wrote. */
export function readRefusal(envelope: Envelope): Refusal {
  const values = new URLSearchParams(envelope.query);
  return {
    reason: (values.get('reason') ?? 'no_payload') as DeadReason,
    detail: values.get('detail') ?? '',
    source: values.get('source') ?? '',
    query: values.get('query') ?? '',
  };
}
