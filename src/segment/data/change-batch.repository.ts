import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { ChangeTargets } from '../core/change-settings.js';

/** Changes of membership that were found together. */
export interface ChangeBatch extends ChangeTargets {
  id: number;
  segmentId: string;
  projectId: ProjectId;
  version: number;
  source: 'run' | 'live';
  runId: string | null;
  /** The run that the run was compared with. */
  baseRunId: string | null;
  /** The moment that the members are of. */
  at: Date;
  isFilled: boolean;
  /** Changes of users until this one have been told by effects. */
  position: UserId;
}

export interface NewChangeBatch extends ChangeTargets {
  segmentId: string;
  projectId: ProjectId;
  version: number;
  source: 'run' | 'live';
  runId: string | null;
  baseRunId: string | null;
  atMs: number;
  madeAtMs: number;
}

export type ChangeBatchRow = Omit<ChangeBatch, 'id' | 'position'> & { id: string; position: string };

/** What every query of batches reads, for `toBatch`. */
export const COLUMNS = `id, segment_id AS "segmentId", project_id AS "projectId", version, source, run_id AS "runId",
  base_run_id AS "baseRunId", at, is_filled AS "isFilled", does_record AS "doesRecord", webhook_url AS "webhookUrl",
  stream_state IS NOT NULL AS "doesStream", position`;

/** Which batches of changes there are, and how far each has been told. */
@Injectable()
export class ChangeBatchRepository {
  constructor(private readonly db: Database) {}

  /** @returns its number; the one that is there where the run has one already */
  async insertOfRun(batch: NewChangeBatch): Promise<number | null> {
    return insertBatch(this.db, batch);
  }

  async find(id: number): Promise<ChangeBatch | null> {
    const [row] = await this.db.query<ChangeBatchRow>(
      `SELECT ${COLUMNS} FROM segment_change_batch WHERE id = $1`,
      [id],
    );
    return row ? toBatch(row) : null;
  }

  async findMany(ids: readonly number[]): Promise<Map<number, ChangeBatch>> {
    const rows = await this.db.query<ChangeBatchRow>(
      `SELECT ${COLUMNS} FROM segment_change_batch WHERE id = ANY($1)`,
      [ids],
    );
    return new Map(rows.map(toBatch).map((batch) => [batch.id, batch]));
  }

  /** Batches of runs that are later, or that were compared with this run. */
  async afterRun(segmentId: string, runId: string, asOf: Date): Promise<ChangeBatch[]> {
    const rows = await this.db.query<ChangeBatchRow>(
      `SELECT ${COLUMNS} FROM segment_change_batch
       WHERE segment_id = $1 AND source = 'run' AND run_id <> $2 AND (at > $3 OR base_run_id = $2) LIMIT 100`,
      [segmentId, runId, asOf],
    );
    return rows.map(toBatch);
  }

  /** Batches made before that have something left to tell, or, of a run, to be filled. */
  async findOpen(madeBeforeMs: number): Promise<ChangeBatch[]> {
    const rows = await this.db.query<ChangeBatchRow>(
      `SELECT ${COLUMNS} FROM segment_change_batch
       WHERE announced_at IS NULL AND made_at < $1 AND (is_filled OR source = 'run') ORDER BY id LIMIT 100`,
      [new Date(madeBeforeMs)],
    );
    return rows.map(toBatch);
  }

  async setFilled(id: number): Promise<void> {
    await this.db.execute('UPDATE segment_change_batch SET is_filled = true WHERE id = $1', [id]);
  }

  async setPosition(id: number, position: UserId): Promise<void> {
    await this.db.execute('UPDATE segment_change_batch SET position = greatest(position, $2) WHERE id = $1', [
      id,
      position,
    ]);
  }

  async setAnnounced(id: number, nowMs: number): Promise<void> {
    await this.db.execute('UPDATE segment_change_batch SET announced_at = $2 WHERE id = $1', [
      id,
      new Date(nowMs),
    ]);
  }

  /** What is kept in ClickHouse no more. */
  async prune(madeBeforeMs: number): Promise<void> {
    await this.db.execute(
      `DELETE FROM segment_change_batch
       WHERE made_at < $1 AND announced_at IS NOT NULL AND stream_state IS DISTINCT FROM 'waiting'`,
      [new Date(madeBeforeMs)],
    );
  }
}

/** @returns null where the run has a batch already */
export async function insertBatch(sql: Sql, batch: NewChangeBatch): Promise<number | null> {
  const [row] = await sql.query<{ id: string }>(
    `INSERT INTO segment_change_batch (segment_id, project_id, version, source, run_id, base_run_id, at, made_at,
       is_filled, does_record, webhook_url, stream_state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, false, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING id`,
    [
      batch.segmentId,
      batch.projectId,
      batch.version,
      batch.source,
      batch.runId,
      batch.baseRunId,
      new Date(batch.atMs),
      new Date(batch.madeAtMs),
      batch.doesRecord,
      batch.webhookUrl,
      batch.doesStream ? 'waiting' : null,
    ],
  );
  return row ? Number(row.id) : null;
}

export function toBatch(row: ChangeBatchRow): ChangeBatch {
  return { ...row, id: Number(row.id), position: Number(row.position) };
}
