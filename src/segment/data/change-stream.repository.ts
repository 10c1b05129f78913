import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import type { KafkaFaultReason } from '../../platform/kafka/kafka-fault.js';
import { type ChangeBatch, type ChangeBatchRow, COLUMNS, toBatch } from './change-batch.repository.js';

/** A batch of changes with something left to write to the topic of its segment. */
export interface StreamedBatch extends ChangeBatch {
  /** Changes of users until this one have been written. */
  streamPosition: UserId;
}

/** Why the stream of a segment stands still. */
export interface StreamFailure {
  reason: KafkaFaultReason;
  message: string;
  /** In a row. */
  failures: number;
  failedAt: Date;
  nextAttemptAt: Date;
}

/** How far changes of segments have been written to their topics. */
@Injectable()
export class ChangeStreamRepository {
  constructor(private readonly db: Database) {}

  /** The first batch of a segment that has something left to write, filled or not; null where all is written. */
  async findFirst(segmentId: string): Promise<StreamedBatch | null> {
    const [row] = await this.db.query<ChangeBatchRow & { streamPosition: string }>(
      `SELECT ${COLUMNS}, stream_position AS "streamPosition" FROM segment_change_batch
       WHERE segment_id = $1 AND stream_state = 'waiting' ORDER BY id LIMIT 1`,
      [segmentId],
    );
    return row ? { ...toBatch(row), streamPosition: Number(row.streamPosition) } : null;
  }

  async setPosition(batchId: number, position: UserId): Promise<void> {
    await this.db.execute(
      'UPDATE segment_change_batch SET stream_position = greatest(stream_position, $2) WHERE id = $1',
      [batchId, position],
    );
  }

  async setWritten(batchId: number): Promise<void> {
    await this.db.execute(`UPDATE segment_change_batch SET stream_state = 'written' WHERE id = $1`, [
      batchId,
    ]);
  }

  /** Writes nothing more of what waits. @returns how many batches waited */
  dropOf(segmentId: string): Promise<number> {
    return this.db.execute(
      `UPDATE segment_change_batch SET stream_state = 'dropped' WHERE segment_id = $1 AND stream_state = 'waiting'`,
      [segmentId],
    );
  }

  /** The same for what was found before, of every segment. */
  dropOld(madeBeforeMs: number): Promise<number> {
    return this.db.execute(
      `UPDATE segment_change_batch SET stream_state = 'dropped' WHERE made_at < $1 AND stream_state = 'waiting'`,
      [new Date(madeBeforeMs)],
    );
  }

  /** Segments with something to write that do not rest. */
  async findDue(nowMs: number): Promise<string[]> {
    const rows = await this.db.query<{ segmentId: string }>(
      `SELECT DISTINCT segment_id AS "segmentId" FROM segment_change_batch AS batch
       WHERE stream_state = 'waiting' AND is_filled AND NOT EXISTS (
         SELECT FROM segment_stream_failure AS failure
         WHERE failure.segment_id = batch.segment_id AND next_attempt_at > $1)`,
      [new Date(nowMs)],
    );
    return rows.map(({ segmentId }) => segmentId);
  }

  async waiting(segmentId: string): Promise<{ batches: number; since: Date | null }> {
    const [row] = await this.db.query<{ batches: number; since: Date | null }>(
      `SELECT count(*)::integer AS batches, min(made_at) AS since FROM segment_change_batch
       WHERE segment_id = $1 AND stream_state = 'waiting'`,
      [segmentId],
    );
    return row ?? { batches: 0, since: null };
  }

  async findFailure(segmentId: string): Promise<StreamFailure | null> {
    const [row] = await this.db.query<StreamFailure>(
      `SELECT reason, message, failures, failed_at AS "failedAt", next_attempt_at AS "nextAttemptAt"
       FROM segment_stream_failure WHERE segment_id = $1`,
      [segmentId],
    );
    return row ?? null;
  }

  async setFailure(
    segment: { segmentId: string; projectId: ProjectId },
    failure: StreamFailure,
  ): Promise<void> {
    await this.db.execute(
      `INSERT INTO segment_stream_failure (segment_id, project_id, reason, message, failures, failed_at, next_attempt_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (segment_id) DO UPDATE SET reason = excluded.reason, message = excluded.message,
         failures = excluded.failures, failed_at = excluded.failed_at, next_attempt_at = excluded.next_attempt_at`,
      [
        segment.segmentId,
        segment.projectId,
        failure.reason,
        failure.message,
        failure.failures,
        failure.failedAt,
        failure.nextAttemptAt,
      ],
    );
  }

  /** The stream rests no more. */
  async forgetFailure(segmentId: string): Promise<void> {
    await this.db.execute('DELETE FROM segment_stream_failure WHERE segment_id = $1', [segmentId]);
  }
}
