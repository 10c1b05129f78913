import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/db/database.js';
import { LANES } from '../core/lanes.js';

export interface JournalRow {
  lane: number;
  /** When the first of its envelopes was received, ms since 1970. */
  receivedAt: number;
  envelopeCount: number;
  /** About how many bytes of JSON it decodes to. */
  decodedBytes: number;
  payload: Buffer;
}

/** A batch under way: its rows stay in the journal until it is done. */
export interface OpenBatch {
  id: number;
  isRepeated: boolean;
  payloads: Buffer[];
  /** About how many bytes of JSON they decode to. */
  decodedBytes: number;
}

interface BatchRow {
  payload: Buffer;
  decodedBytes: number;
}

@Injectable()
export class JournalRepository {
  constructor(private readonly db: Database) {}

  async insert(rows: readonly JournalRow[]): Promise<void> {
    const values = rows.map((_, i) => `(${[1, 2, 3, 4, 5].map((n) => `$${i * 5 + n}`).join(', ')}::bytea)`);
    const sql = `INSERT INTO journal (lane, received_at, envelope_count, decoded_bytes, payload) VALUES ${values.join(', ')}`;
    const params = rows.flatMap(({ lane, receivedAt, envelopeCount, decodedBytes, payload }) => [
      lane,
      new Date(receivedAt),
      envelopeCount,
      decodedBytes,
      payload,
    ]);
    // A group most often has a row for each lane at the most, and every answer to an SDK waits for it.
    if (rows.length <= LANES) await this.db.queryPrepared(sql, params);
    else await this.db.execute(sql, params);
  }

  /** The batches that a crash or a failure left open in this lane, oldest first. */
  async findOpenBatches(lane: number): Promise<OpenBatch[]> {
    const batches = await this.db.query<{ id: string; rowIds: string[] }>(
      'SELECT id, row_ids AS "rowIds" FROM journal_batch WHERE lane = $1 ORDER BY id',
      [lane],
    );
    return Promise.all(
      batches.map(async ({ id, rowIds }) => {
        const rows = await this.db.query<BatchRow>(
          'SELECT payload, decoded_bytes AS "decodedBytes" FROM journal WHERE id = ANY($1) ORDER BY id',
          [rowIds],
        );
        return toOpenBatch(id, true, rows);
      }),
    );
  }

  /**
   * Takes the oldest rows of a lane that are in no open batch as a new one. What it consists of is written down first,
   * so that it is the same batch whenever it has to be done again.
   */
  async openBatch(lane: number, limit: { decodedBytes: number; rows: number }): Promise<OpenBatch | null> {
    const rows = await this.db.query<BatchRow & { id: string }>(
      `SELECT id, payload, decoded_bytes AS "decodedBytes" FROM journal WHERE id IN (
         SELECT id FROM (
           SELECT id, sum(decoded_bytes) OVER (ORDER BY id) - decoded_bytes AS bytes_before
           FROM (
             SELECT id, decoded_bytes FROM journal
             WHERE lane = $1 AND NOT EXISTS (SELECT FROM journal_batch AS open WHERE open.lane = $1 AND journal.id = ANY(open.row_ids))
             ORDER BY id LIMIT $3
           ) AS head
         ) AS sized WHERE bytes_before < $2
       ) ORDER BY id`,
      [lane, limit.decodedBytes, limit.rows],
    );
    if (rows.length === 0) return null;
    const [batch] = await this.db.query<{ id: string }>(
      'INSERT INTO journal_batch (lane, row_ids) VALUES ($1, $2) RETURNING id',
      [lane, rows.map(({ id }) => id)],
    );
    return batch ? toOpenBatch(batch.id, false, rows) : null;
  }

  /** Ends a batch: its rows leave the journal. Ending it twice changes nothing. */
  async closeBatch(batchId: number): Promise<void> {
    await this.db.execute(
      `WITH closed AS (DELETE FROM journal_batch WHERE id = $1 RETURNING row_ids)
       DELETE FROM journal USING closed WHERE journal.id = ANY(closed.row_ids)`,
      [batchId],
    );
  }

  async lanesWithRows(): Promise<number[]> {
    const rows = await this.db.query<{ lane: number }>(
      `SELECT lane FROM generate_series(0, ${LANES - 1}) AS lane
       WHERE EXISTS (SELECT FROM journal WHERE journal.lane = lane.lane)`,
    );
    return rows.map(({ lane }) => lane);
  }

  async backlogBytes(): Promise<number> {
    const [row] = await this.db.query<{ bytes: string }>(
      'SELECT coalesce(sum(octet_length(payload)), 0) AS bytes FROM journal',
    );
    return Number(row?.bytes ?? 0);
  }

  /** When the oldest unprocessed row was received, ms since 1970; null where the journal is empty. */
  async oldestReceivedAt(): Promise<number | null> {
    const [row] = await this.db.query<{ at: Date | null }>(
      `SELECT min(head.received_at) AS at FROM generate_series(0, ${LANES - 1}) AS lane
       CROSS JOIN LATERAL (SELECT received_at FROM journal WHERE journal.lane = lane.lane ORDER BY id LIMIT 1) AS head`,
    );
    return row?.at?.getTime() ?? null;
  }
}

function toOpenBatch(id: string, isRepeated: boolean, rows: readonly BatchRow[]): OpenBatch {
  return {
    id: Number(id),
    isRepeated,
    payloads: rows.map(({ payload }) => payload),
    decodedBytes: rows.reduce((sum, row) => sum + row.decodedBytes, 0),
  };
}
