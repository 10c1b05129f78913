import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { log, withLogContext } from '../platform/log/log.js';
import { type JournalBatch, JournalReader } from './contract.js';
import { decodeEnvelopes } from './core/envelope-codec.js';
import { JournalRepository, type OpenBatch } from './data/journal.repository.js';
import { JournalSignal } from './journal-signal.js';
import { LaneLeases } from './lane-leases.js';

const LEASE_RENEWAL_MS = 1_000;
const IDLE_LOOK_MS = 200;
const RETRY_FIRST_MS = 250;
const RETRY_LONGEST_MS = 15_000;
const ROWS_PER_BATCH = 500;
/** A request may be under way to its commit for this long before timers stop waiting for it. */
const COMMIT_ALLOWANCE_MS = 500;

type Process = (batch: JournalBatch) => Promise<void>;

/** Reads the lanes it holds, oldest first, one batch of a lane at a time. */
@Injectable()
export class LaneReader extends JournalReader {
  private readonly running = new Map<number, Promise<void>>();
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

  start(process: Process): void {
    this.renewal = this.keepLeases(process);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.signal.raise();
    await this.renewal;
    await Promise.all(this.running.values());
    await this.leases.release();
  }

  async processedUntil(): Promise<number> {
    const horizon = this.clock.now() - COMMIT_ALLOWANCE_MS;
    const oldest = await this.repository.oldestReceivedAt();
    return oldest === null ? horizon : Math.min(horizon, oldest - 1);
  }

  private async keepLeases(process: Process): Promise<void> {
    let renewedAt = 0;
    while (!this.isStopping) {
      if (this.clock.now() - renewedAt >= LEASE_RENEWAL_MS) {
        renewedAt = this.clock.now();
        await this.leases.renew((lane) => !this.running.has(lane));
      }
      const lanes = await this.repository.lanesWithRows().catch(() => []);
      for (const lane of lanes) {
        if (this.running.has(lane) || !this.leases.has(lane)) continue;
        const reading = this.readLane(lane, process).finally(() => this.running.delete(lane));
        this.running.set(lane, reading);
      }
      await this.signal.wait(IDLE_LOOK_MS);
    }
  }

  /** Works a lane off until it is empty; never throws. */
  private async readLane(lane: number, process: Process): Promise<void> {
    let retryMs = RETRY_FIRST_MS;
    // Another worker, or this one before it failed, may have left a batch open.
    let mayBeOpen = true;
    while (!this.isStopping && this.leases.has(lane)) {
      try {
        const batch = await this.nextBatch(lane, mayBeOpen);
        if (!batch) return;
        mayBeOpen = true;
        await this.processBatch(lane, batch, process);
        mayBeOpen = false;
        retryMs = RETRY_FIRST_MS;
        const sizeBytes = batch.payloads.reduce((sum, { length }) => sum + length, 0);
        if (sizeBytes < this.config.get('INGEST_BATCH_BYTES') / 4)
          await pause(this.config.get('INGEST_LINGER_MS'));
      } catch (error) {
        log.error({ err: error, lane, retryMs }, 'an ingest batch failed and will be tried again');
        await pause(this.isStopping ? 0 : retryMs);
        retryMs = Math.min(retryMs * 2, RETRY_LONGEST_MS);
      }
    }
  }

  private async nextBatch(lane: number, mayBeOpen: boolean): Promise<OpenBatch | null> {
    const open = mayBeOpen ? await this.repository.findOpenBatch(lane) : null;
    if (open) return open;
    return this.repository.openBatch(lane, {
      bytes: this.config.get('INGEST_BATCH_BYTES'),
      rows: ROWS_PER_BATCH,
    });
  }

  private async processBatch(lane: number, batch: OpenBatch, process: Process): Promise<void> {
    const envelopes = batch.payloads.flatMap(decodeEnvelopes);
    await withLogContext({ batchId: batch.id }, () =>
      process({ id: batch.id, lane, mayBeRepeated: batch.isRepeated, envelopes }),
    );
    await this.repository.closeBatch(lane, batch.id);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
