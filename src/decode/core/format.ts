import type { DecodedRecord, Envelope, ItemRecord } from '../../kernel/event.js';
import type { JsonObject } from '../../kernel/json.js';
import type { DeadReason, DropReason } from '../../kernel/reasons.js';
import type { Resumption } from '../../kernel/resumption.js';
import type { KeyRing } from './encryption/key-ring.js';
import type { TimeWindow } from './record-time.js';

/** What decoding may cost at the most. */
export interface DecodeLimits {
  /** Bytes of one payload after decompression. */
  inflatedBytes: number;
  /** Records of one request; those beyond become one dead letter. */
  recordsPerRequest: number;
}

/** What a format may use beside the envelope. */
export interface DecodeContext extends DecodeLimits {
  /** The keys of the envelope's project. */
  keys: KeyRing;
  /** Records outside it become dead letters. */
  timeWindow: TimeWindow;
}

/** Something that could not become a record. */
export interface DeadItem {
  reason: DeadReason;
  detail: string;
  payload: Buffer;
  /** The record that it is about, and a JSON Pointer to what is wrong; absent where no record could be read. */
  at?: { index: number; pointer: string };
}

/** What one envelope gives, in the order received. */
export interface DecodeOutput {
  records: DecodedRecord[];
  items: ItemRecord[];
  /** Of dead letters that a step behind `store` made. */
  resumed: Resumption[];
  dead: DeadItem[];
  dropped: Partial<Record<DropReason, number>>;
  /** Payloads whose checksum is not that of their text; they are stored all the same. */
  crcMismatches: number;
}

/** What a request decodes to, step by step, for the developer who sends it. */
export interface Inspection {
  valid: boolean;
  stages: JsonObject;
}

/** A wire format: how the envelopes of one source become records. Never throws on what a client sent. */
export interface Format {
  /** Value of `Envelope.source`. */
  source: string;
  decode(envelope: Envelope, context: DecodeContext): DecodeOutput;
  /** Absent where nobody can send this format by hand. */
  inspect?(envelope: Envelope, context: DecodeContext): Inspection;
  /** The source that dead letters name; absent: the format's own. */
  letterSource?(envelope: Envelope): string;
}

/** Declares a wire format; its one line in `formats/index.ts` makes it known. */
export function defineFormat(format: Format): Format {
  return format;
}

export function emptyOutput(): DecodeOutput {
  return { records: [], items: [], resumed: [], dead: [], dropped: {}, crcMismatches: 0 };
}

export function countDrop(output: Pick<DecodeOutput, 'dropped'>, reason: DropReason, count = 1): void {
  output.dropped[reason] = (output.dropped[reason] ?? 0) + count;
}

/** The request as a dead letter keeps it: its body, or the query where the payload came in the query. */
export function rawPayload(envelope: Envelope): Buffer {
  return envelope.body.length > 0 ? envelope.body : Buffer.from(envelope.query);
}
