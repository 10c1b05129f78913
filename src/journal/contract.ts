import type { Envelope } from '../kernel/event.js';

/** The journal takes no more for now; the caller answers 503 and the SDK keeps its batch. */
export class JournalFullError extends Error {
  constructor(readonly retryAfterSeconds: number) {
    super('The journal is full.');
  }
}

/** What the ingest flow works on at once: envelopes of one lane, in the order in which they were received. */
export interface JournalBatch {
  /** Stays the same however often the batch is tried, and so do its envelopes. */
  id: number;
  lane: number;
  /** Another number whenever another worker may have had the lane since the batch before. */
  lease: number;
  /** Whether the batch may have been done before, wholly or partly. */
  mayBeRepeated: boolean;
  envelopes: readonly Envelope[];
}

/** The durable log between the SDKs and the flow. */
export abstract class Journal {
  /**
   * Resolves when the envelope is durable (group commit).
   * @throws JournalFullError when the backlog is over its limit
   */
  abstract append(envelope: Envelope): Promise<void>;
}

/** What the flow does with a batch, in two parts: the second part of one may run beside the first part of the next. */
export interface BatchWork<P> {
  prepare: (batch: JournalBatch) => Promise<P>;
  finish: (prepared: P) => Promise<void>;
}

/** Hands batches to the flow, each lane to one worker at a time. */
export abstract class JournalReader {
  /**
   * Reads every lane that this process can lease until `stop`.
   * Within a lane the batches are prepared in order, and finished in order, one at a time. When `finish` resolves, the
   * batch leaves the journal; when either part throws, the same batches come again, in order, after a wait.
   */
  abstract start<P>(work: BatchWork<P>): void;
  abstract stop(): Promise<void>;
  /**
   * Everything received before this moment (ms since 1970) has been through the flow.
   * Timers for "and then not B" wait for it, so that a backlog never makes them fire wrongly.
   */
  abstract processedUntil(): Promise<number>;
}
