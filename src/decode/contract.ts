import type { DecodedRecord, Envelope } from '../kernel/event.js';
import type { ProjectId } from '../kernel/ids.js';
import type { DeadReason, DropReason } from '../kernel/reasons.js';

/** What could not be stored, kept with its reason until a person replays or deletes it. */
export interface DeadLetter {
  projectId: ProjectId;
  receivedAt: number;
  source: string;
  reason: DeadReason;
  detail: string;
  /** The payload as it came, or the one record that is wrong; cut at 64 KiB. */
  payload: Buffer;
  ip: string;
}

export interface DecodedBatch {
  /** In the order received. */
  records: DecodedRecord[];
  dead: DeadLetter[];
  /** Records that were understood and left out on purpose, by reason. */
  dropped: Partial<Record<DropReason, number>>;
}

/** Turns envelopes into records. Never throws on what an SDK sent. */
export abstract class Decoder {
  abstract decode(envelopes: readonly Envelope[]): Promise<DecodedBatch>;
}

/** Keeps dead letters. Storing the same batch of them again changes nothing. */
export abstract class DeadLetters {
  abstract store(batchId: number, letters: readonly DeadLetter[]): Promise<void>;
}
