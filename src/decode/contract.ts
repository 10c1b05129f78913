import type { DecodedRecord, Envelope, ItemRecord } from '../kernel/event.js';
import type { ProjectId } from '../kernel/ids.js';
import type { JsonObject } from '../kernel/json.js';
import type { DeadReason, DropReason } from '../kernel/reasons.js';
import type { Resumption } from '../kernel/resumption.js';
import type { Verdict } from '../kernel/verdict.js';

/** What could not be stored, kept with its reason until a person replays or deletes it. */
export interface DeadLetter {
  projectId: ProjectId;
  receivedAt: number;
  source: string;
  reason: DeadReason;
  detail: string;
  /** The payload as it came, or the one record that is wrong; kept up to 64 KiB. */
  payload: Buffer;
  ip: string;
}

export interface DecodedBatch {
  /** In the order received. */
  records: DecodedRecord[];
  /** Changes of items, in the order received. */
  items: ItemRecord[];
  /** What single steps do again, in the order received. */
  resumed: Resumption[];
  dead: DeadLetter[];
  /** Records that were understood and left out on purpose, by reason; for `illegal_property`, properties. */
  dropped: Partial<Record<DropReason, number>>;
}

/** A verdict with the number of dead letters that the request would make. */
export interface Judgement extends Verdict {
  refused: number;
}

/** Turns envelopes into records. Never throws on what an SDK sent. */
export abstract class Decoder {
  abstract decode(envelopes: readonly Envelope[]): Promise<DecodedBatch>;
  /** What one request decodes to, step by step, for the developer who sends it. Stores nothing. */
  abstract inspect(envelope: Envelope): Promise<{ valid: boolean; stages: JsonObject }>;
  /** Whether each record of a request could be stored. Stores nothing, counts nothing. */
  abstract judge(envelope: Envelope): Promise<Judgement>;
}

/**
 * Keeps dead letters. Storing the same batch of them again changes nothing: a letter is known by its place in the
 * list, so all letters of a batch go in one call and in the same order each time.
 */
export abstract class DeadLetters {
  /** @param firstPlace of the first letter; what steps behind decoding refuse has places of its own */
  abstract store(batchId: number, letters: readonly DeadLetter[], firstPlace?: number): Promise<void>;
}

/** Takes a dead letter back into the flow, as a new envelope; bound in `flow` to the journal. */
export abstract class ReplaySink {
  /** Resolves when the envelope is durable. */
  abstract replay(envelope: Envelope): Promise<void>;
}

/** The public half of a key, as SDKs are told it. */
export interface PublicKey {
  kind: 'rsa' | 'ec' | 'sm2';
  /** `pkv` of the SDKs. */
  version: number;
  /** SPKI DER in base64; the uncompressed point in hex for `sm2`. */
  publicKey: string;
}

/** What SDKs of a project may encrypt with. */
export abstract class PublicKeys {
  /** The newest active key of each kind. */
  abstract listPublished(projectId: ProjectId): Promise<PublicKey[]>;
}
