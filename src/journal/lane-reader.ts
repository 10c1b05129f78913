import { Injectable } from '@nestjs/common';
import { Slots } from '../kernel/slots.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { log } from '../platform/log/log.js';
import { type BatchWork, type JournalBatch, JournalReader } from './contract.js';
import { decodeEnvelopes } from './core/envelope-codec.js';
import { JournalRepository, type OpenBatch } from './data/journal.repository.js';
import { JournalSignal } from './journal-signal.js';
import { LaneLeases } from './lane-leases.js';

const LEASE_RENEWAL_MS = 1_000;
const IDLE_LOOK_MS = 200;
const RETRY_FIRST_MS = 250;
const RETRY_LONGEST_MS = 15_000;
const ROWS_PER_BATCH = 500;
/** Batches in memory over all lanes, which bounds what the flow needs of it. */
const BATCHES_AT_ONCE = 2;
/** A request may be under way to its commit for this long before timers stop waiting for it. */
const COMMIT_ALLOWANCE_MS = 500;

/** Reads the lanes it holds, oldest first, one batch of a lane at a time. */
@Injectable()
export class LaneReader extends JournalReader {
  private readonly running = new Map<number, Promise<void>>();
  private readonly slots = new Slots(BATCHES_AT_ONCE);
  private renewal: Promise<void> | null = null;
  private isStopping = false;

  constructor(
    private readonly repository: JournalRepository,
    private readonly leases: LaneLeases,
    private readonly signal: JournalSignal,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {
    super();
  }

  start<P>(work: BatchWork<P>): void {
    this.renewal = this.keepLeases(work);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.signal.raise([]);
    await this.renewal;
    await Promise.all(this.running.values());
    await this.leases.release();
  }

  async processedUntil(): Promise<number> {
    const horizon = this.clock.now() - COMMIT_ALLOWANCE_MS;
    const oldest = await this.repository.oldestReceivedAt();
    return oldest === null ? horizon : Math.min(horizon, oldest - 1);
  }

  private async keepLeases<P>(work: BatchWork<P>): Promise<void> {
    let renewedAt = 0;
    while (!this.isStopping) {
      if (this.clock.now() - renewedAt >= LEASE_RENEWAL_MS) {
        renewedAt = this.clock.now();
        await this.leases.renew((lane) => !this.running.has(lane));
      }
      const lanes = await this.repository.lanesWithRows().catch(() => []);
      this.startLanes(lanes, work);
      const nextLookAt = performance.now() + IDLE_LOOK_MS;
      for (
        let leftMs = IDLE_LOOK_MS;
        leftMs > 0 && !this.isStopping;
        leftMs = nextLookAt - performance.now()
      ) {
        this.startLanes(await this.signal.wait(leftMs), work);
      }
    }
  }

  /** Reads the lanes that are not being read already, of those that this process holds. */
  private startLanes<P>(lanes: Iterable<number>, work: BatchWork<P>): void {
    for (const lane of lanes) {
      if (this.running.has(lane) || !this.leases.has(lane)) continue;
      const reading = this.readLane(lane, work).finally(() => this.running.delete(lane));
      this.running.set(lane, reading);
    }
  }

  /** Works a lane off until it is empty; never throws. */
  private async readLane<P>(lane: number, work: BatchWork<P>): Promise<void> {
    let retryMs = RETRY_FIRST_MS;
    while (!this.isStopping && this.leases.has(lane)) {
      try {
        await this.drain(lane, work);
        return;
      } catch (error) {
        log.error({ err: error, lane, retryMs }, 'an ingest batch failed and will be tried again');
        await pause(this.isStopping ? 0 : retryMs);
        retryMs = Math.min(retryMs * 2, RETRY_LONGEST_MS);
      }
    }
  }

  /** The next batch is prepared while the one before it is finished; batches left open come first, in order. */
  private async drain<P>(lane: number, work: BatchWork<P>): Promise<void> {
    const leftOpen = await this.repository.findOpenBatches(lane);
    let finishing: Promise<void> = Promise.resolve();
    try {
      while (!this.isStopping && this.leases.has(lane)) {
        const next = await this.prepareNext(lane, leftOpen, work);
        if (!next) break;
        await finishing.catch((error) => {
          next.release();
          throw error;
        });
        finishing = this.finish(next.batchId, () => work.finish(next.prepared)).finally(next.release);
        // Whoever waits for it hears of a failure; until then it is not unhandled.
        finishing.catch(() => undefined);
        if (!next.isFull) await this.linger(lane);
      }
    } catch (error) {
      await finishing.catch(() => undefined);
      throw error;
    }
    await finishing;
  }

  /** After a batch that took all there was, until there is another full one: a row of a large batch costs half. */
  private linger(lane: number): Promise<void> {
    return this.signal.untilFilled(
      lane,
      this.config.get('INGEST_BATCH_BYTES'),
      this.config.get('INGEST_LINGER_MS'),
    );
  }

  /** Null where the lane is empty; else the batch holds a slot until it is released. */
  private async prepareNext<P>(lane: number, leftOpen: OpenBatch[], work: BatchWork<P>) {
    const limit = { decodedBytes: this.config.get('INGEST_BATCH_BYTES'), rows: ROWS_PER_BATCH };
    const release = await this.slots.take();
    try {
      const batch = leftOpen.shift() ?? (await this.repository.openBatch(lane, limit));
      if (!batch) {
        release();
        return null;
      }
      const prepared = await work.prepare(this.toBatch(lane, batch));
      return {
        batchId: batch.id,
        isFull: batch.decodedBytes >= limit.decodedBytes || batch.payloads.length >= limit.rows,
        prepared,
        release,
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  private toBatch(lane: number, { id, isRepeated, payloads }: OpenBatch): JournalBatch {
    const envelopes = payloads.flatMap(decodeEnvelopes);
    return { id, lane, lease: this.leases.leaseOf(lane), mayBeRepeated: isRepeated, envelopes };
  }

  private async finish(batchId: number, work: () => Promise<void>): Promise<void> {
    await work();
    await this.repository.closeBatch(batchId);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
