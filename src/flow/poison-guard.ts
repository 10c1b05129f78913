import { Injectable } from '@nestjs/common';
import { DeadLetters } from '../decode/contract.js';
import { log } from '../platform/log/log.js';
import { metrics } from '../platform/metrics/metrics.js';
import { isStoreAway } from '../platform/store-away.js';
import { type Refusable, toRefusedLetter } from './to-refused-letter.js';
import { type Parts, withoutPoison } from './without-poison.js';

/** Failures of a batch, none of them because a store is away, after which its poison is looked for. */
const PATIENCE = 4;
/** The steps that may refuse an item, and where their dead letters stand: behind those of decoding. */
const FIRST_PLACES = {
  identify: 1e6,
  store: 2e6,
  trigger: 3e6,
  attribute: 4e6,
  effects: 5e6,
  deduplicate: 6e6,
  profile: 7e6,
  item: 8e6,
} as const;
export type GuardedStep = keyof typeof FIRST_PLACES;

/** Work that is done with a whole list or not at all. */
export interface WholeWork<T, R> {
  /** Fails where `apply` would, and leaves nothing that `apply` does not put right. */
  tryOut(items: readonly T[]): Promise<unknown>;
  apply(items: readonly T[]): Promise<R>;
}

/**
 * Keeps a batch from blocking its lane for ever because of one record that a step cannot take. A batch that failed
 * often enough, though no store is away, is done in parts; the records that stand alone at the end are dead letters.
 */
@Injectable()
export class PoisonGuard {
  private readonly failures = new Map<number, number>();

  constructor(private readonly deadLetters: DeadLetters) {}

  /** Runs work on a batch, and counts its failures. */
  async watch<R>(batchId: number, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (error) {
      if (!isStoreAway(error)) this.failures.set(batchId, (this.failures.get(batchId) ?? 0) + 1);
      throw error;
    }
  }

  /** To be called when the batch is done. */
  forget(batchId: number): void {
    this.failures.delete(batchId);
  }

  /** Runs a step on a list at once; of a batch that is suspected, in parts. */
  async inParts<T extends Refusable, R>(
    batchId: number,
    step: GuardedStep,
    items: readonly T[],
    work: (part: readonly T[], name: string) => Promise<R>,
  ): Promise<Parts<T, R>> {
    if (!this.isSuspected(batchId)) return { results: [await work(items, '')], refused: [] };
    const parts = await withoutPoison(items, work, isStoreAway);
    for (const { item, place, error } of parts.refused) {
      log.error(
        { err: error, batchId, step, place },
        'a step cannot take a record, which becomes a dead letter',
      );
      await this.deadLetters.store(batchId, [toRefusedLetter(step, item)], FIRST_PLACES[step] + place);
      metrics.flowOutcome.inc({ flow: 'ingest', step, kind: 'dead', reason: 'step_failed' });
    }
    return parts;
  }

  /**
   * Runs a step that does its list as a whole; of a batch that is suspected, trials find out what it cannot be done with.
   * @returns what the step answered, and the items that it was done with
   */
  async asWhole<T extends Refusable, R>(
    batchId: number,
    step: GuardedStep,
    items: readonly T[],
    { tryOut, apply }: WholeWork<T, R>,
  ): Promise<{ result: R; taken: readonly T[] }> {
    if (!this.isSuspected(batchId)) return { result: await apply(items), taken: items };
    const taken: T[] = [];
    await this.inParts(batchId, step, items, async (part) => {
      await tryOut([...taken, ...part]);
      taken.push(...part);
    });
    return { result: await apply(taken), taken };
  }

  private isSuspected(batchId: number): boolean {
    return (this.failures.get(batchId) ?? 0) >= PATIENCE;
  }
}
