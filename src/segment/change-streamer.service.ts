import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Projects } from '../access/contract.js';
import { Clock } from '../platform/clock/clock.js';
import { withAdvisoryLock } from '../platform/db/advisory-lock.js';
import { Database } from '../platform/db/database.js';
import { Kafka } from '../platform/kafka/kafka.js';
import { KafkaFault } from '../platform/kafka/kafka-fault.js';
import { log } from '../platform/log/log.js';
import { metrics } from '../platform/metrics/metrics.js';
import { JobHandlers, JobQueue } from '../platform/queue/job.js';
import { leftToSweeps } from '../platform/queue/left-to-sweeps.js';
import { toChangeRecords } from './core/change-records.js';
import { streamRestMs } from './core/stream-retry.js';
import { ChangeStore } from './data/change-store.js';
import { ChangeStreamRepository, type StreamedBatch } from './data/change-stream.repository.js';
import { SegmentRepository } from './data/segment.repository.js';
import { SEGMENT_STREAM } from './jobs/segment-stream.job.js';

/** Records that are written at once, some 300 bytes each: less than a topic takes by default, whatever their keys. */
const PAGE_SIZE = 1_000;
/** Then other segments have their turn, and a process that stops does not wait long. */
const TURN_MS = 5_000;

/**
 * Writes changes of membership to the topics of their segments: those of a segment one batch after the other, so that
 * the records of a user keep their order. What fails stops the segment until it succeeds. What a dead process had written
 * is written again, with the same ids.
 */
@Injectable()
export class ChangeStreamer implements OnModuleInit {
  constructor(
    private readonly clock: Clock,
    private readonly db: Database,
    private readonly handlers: JobHandlers,
    private readonly queue: JobQueue,
    private readonly projects: Projects,
    private readonly segments: SegmentRepository,
    private readonly changes: ChangeStore,
    private readonly streams: ChangeStreamRepository,
    private readonly kafka: Kafka,
  ) {}

  onModuleInit(): void {
    this.handlers.handle(SEGMENT_STREAM, ({ segmentId }) => this.run(segmentId));
  }

  /** Has what waits written soon. */
  async wake(segmentIds: readonly string[]): Promise<void> {
    const entries = segmentIds.map((segmentId) => ({ payload: { segmentId } }));
    await leftToSweeps(this.queue.addMany(SEGMENT_STREAM, entries));
  }

  /** Wakes the streams whose job was lost or whose rest is over. */
  async sweep(): Promise<void> {
    await this.wake(await this.streams.findDue(this.clock.now()));
  }

  /** What was found before is kept nowhere any more, and never written. */
  async dropOld(madeBeforeMs: number): Promise<void> {
    const dropped = await this.streams.dropOld(madeBeforeMs);
    if (dropped === 0) return;
    log.error(
      { batches: dropped },
      'changes of segments waited for Kafka until they were too old, and are not written',
    );
    metrics.segmentStreamDropped.inc({ reason: 'too_old' }, dropped);
  }

  private async run(segmentId: string): Promise<void> {
    const isLeft = await withAdvisoryLock(this.db, `segment-stream:${segmentId}`, () =>
      this.drain(segmentId),
    );
    if (isLeft) await this.wake([segmentId]);
  }

  /** @returns whether something may be left to write */
  private async drain(segmentId: string): Promise<boolean> {
    const nowMs = this.clock.now();
    const failure = await this.streams.findFailure(segmentId);
    if (failure && failure.nextAttemptAt.getTime() > nowMs) return false;
    let batch = await this.streams.findFirst(segmentId);
    try {
      while (batch?.isFilled) {
        const isWritten = await this.write(batch, nowMs + TURN_MS);
        if (failure) await this.streams.forgetFailure(segmentId);
        if (!isWritten) return true;
        batch = await this.streams.findFirst(segmentId);
      }
    } catch (error) {
      if (!batch || !(error instanceof KafkaFault)) throw error;
      await this.rest(batch, error, (failure?.failures ?? 0) + 1);
    }
    return false;
  }

  /** @returns false where its turn was over before the end of the batch */
  private async write(batch: StreamedBatch, until: number): Promise<boolean> {
    const segment = await this.segments.find(batch.projectId, batch.segmentId);
    const topic = segment?.changes?.kafkaTopic ?? null;
    if (!segment || topic === null) {
      const dropped = await this.streams.dropOf(batch.segmentId);
      log.warn(
        { segmentId: batch.segmentId, batches: dropped },
        'a segment has no topic any more: what waited is not written',
      );
      metrics.segmentStreamDropped.inc({ reason: 'no_topic' }, dropped);
      return true;
    }
    const { slug } = await this.projects.get(batch.projectId);
    let position = batch.streamPosition;
    for (;;) {
      const changes = await this.changes.page(batch, position, PAGE_SIZE);
      const last = changes.at(-1);
      if (!last) break;
      if (this.clock.now() > until) return false;
      await this.kafka.write(
        topic,
        toChangeRecords(batch, { project: slug, segment: segment.name }, changes),
      );
      metrics.segmentStreamRecords.inc(changes.length);
      position = last.userId;
      await this.streams.setPosition(batch.id, position);
    }
    await this.streams.setWritten(batch.id);
    return true;
  }

  private async rest(batch: StreamedBatch, error: KafkaFault, failures: number): Promise<void> {
    const nowMs = this.clock.now();
    log.warn(
      { err: error, segmentId: batch.segmentId, failures },
      'changes of a segment could not be streamed and will be again',
    );
    metrics.segmentStreamFailures.inc({ reason: error.reason });
    await this.streams.setFailure(batch, {
      reason: error.reason,
      message: error.message.slice(0, 1_000),
      failures,
      failedAt: new Date(nowMs),
      nextAttemptAt: new Date(nowMs + streamRestMs(failures)),
    });
  }
}
