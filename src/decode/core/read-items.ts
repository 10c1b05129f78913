import type { DecodedRecord, Envelope } from '../../kernel/event.js';
import type { Json } from '../../kernel/json.js';
import type { Failure } from '../../kernel/outcome.js';
import { isDeeperThan } from './clean-properties.js';
import { countDrop, type DecodeLimits, type DecodeOutput, emptyOutput, rawPayload } from './format.js';

/** What one item of a request gives. */
export type ItemOutcome =
  | { kind: 'ok'; records: DecodedRecord[]; refusedProperties: number }
  /** `pointer`: JSON Pointer into the body, for formats whose clients hear of each record. */
  | (Failure & { pointer?: string });

/** An item deeper than this is kept as the request it came in: writing it out again would overflow the stack. */
const WRITABLE_DEPTH = 200;

/** Turns the items of a request into records and dead letters, up to the number that one request may hold. */
export function readItems(
  items: readonly Json[],
  { envelope, limits }: { envelope: Envelope; limits: DecodeLimits },
  read: (item: Json, index: number) => ItemOutcome,
): DecodeOutput {
  const output = emptyOutput();
  const count = Math.min(items.length, limits.recordsPerRequest);
  for (let index = 0; index < count; index++) {
    const item = items[index] ?? null;
    const outcome = read(item, index);
    if (outcome.kind === 'ok') {
      output.records.push(...outcome.records);
      if (outcome.refusedProperties > 0) countDrop(output, 'illegal_property', outcome.refusedProperties);
      continue;
    }
    const { reason, detail, pointer } = outcome;
    const payload = isDeeperThan(item, WRITABLE_DEPTH)
      ? rawPayload(envelope)
      : Buffer.from(JSON.stringify(item));
    output.dead.push({
      reason,
      detail,
      payload,
      ...(pointer === undefined ? {} : { at: { index, pointer } }),
    });
  }
  if (items.length > count) {
    const detail = `${items.length - count} records are beyond the ${limits.recordsPerRequest} of one request.`;
    output.dead.push({ reason: 'too_many_records', detail, payload: rawPayload(envelope) });
  }
  return output;
}

/** The output of a request that cannot be read as a whole. */
export function unreadable(envelope: Envelope, { reason, detail }: Failure): DecodeOutput {
  return { ...emptyOutput(), dead: [{ reason, detail, payload: rawPayload(envelope) }] };
}
