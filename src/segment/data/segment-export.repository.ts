import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import { type LeasedRun, LeasedRuns } from '../../platform/runs/leased-runs.js';
import type { WhichMembers } from '../core/which-members.js';
import type { ExportFormat } from './member-store.js';

export const EXPORT_STATES = ['queued', 'running', 'done', 'failed', 'cancelled', 'expired'] as const;
export type ExportState = (typeof EXPORT_STATES)[number];

/** What a file is to hold. */
export interface ExportWish {
  projectId: ProjectId;
  segmentId: string;
  runId: string;
  format: ExportFormat;
  which: WhichMembers;
  /** Properties of the profile, in order. */
  columns: string[];
  rowsTotal: number;
}

/** A file of users of a run, from the wish for it until it is removed. */
export interface SegmentExport extends LeasedRun, ExportWish {
  state: ExportState;
  queuedAt: Date;
  finishedAt: Date | null;
  rowsWritten: number;
  sizeBytes: number;
  sha256: string | null;
  /** When the file is removed; null while there is none. */
  expiresAt: Date | null;
  error: string | null;
}

const COLUMNS = `id, project_id AS "projectId", segment_id AS "segmentId", run_id AS "runId", format, which, columns,
  state, attempts, tries, queued_at AS "queuedAt", started_at AS "startedAt", finished_at AS "finishedAt",
  rows_written::float8 AS "rowsWritten", rows_total::float8 AS "rowsTotal", size_bytes::float8 AS "sizeBytes", sha256,
  expires_at AS "expiresAt", error`;

/** Exports as jobs; one of a project is written at a time. */
@Injectable()
export class SegmentExportRepository {
  readonly leases: LeasedRuns<SegmentExport>;

  constructor(private readonly db: Database) {
    const columns = COLUMNS;
    this.leases = new LeasedRuns(db, {
      name: 'segment_export',
      owner: 'project_id',
      order: 'queued_at',
      columns,
    });
  }

  async queue(wish: ExportWish, nowMs: number): Promise<SegmentExport> {
    const [row] = await this.db.query<SegmentExport>(
      `INSERT INTO segment_export (id, project_id, segment_id, run_id, format, which, columns, state, queued_at, rows_total)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $9) RETURNING ${COLUMNS}`,
      [
        newId('export', nowMs),
        wish.projectId,
        wish.segmentId,
        wish.runId,
        wish.format,
        wish.which,
        JSON.stringify(wish.columns),
        new Date(nowMs),
        wish.rowsTotal,
      ],
    );
    if (!row) throw new Error('PostgreSQL gave no export.');
    return row;
  }

  async find(projectId: ProjectId, id: string): Promise<SegmentExport | null> {
    const [row] = await this.db.query<SegmentExport>(
      `SELECT ${COLUMNS} FROM segment_export WHERE id = $1 AND project_id = $2`,
      [id, projectId],
    );
    return row ?? null;
  }

  list(projectId: ProjectId, before: string | null, limit: number): Promise<SegmentExport[]> {
    return this.db.query(
      `SELECT ${COLUMNS} FROM segment_export
       WHERE project_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [projectId, before, limit],
    );
  }

  /** Tells how far an attempt is. */
  async setProgress(
    { id, attempts }: SegmentExport,
    so: { rowsWritten: number; sizeBytes: number },
  ): Promise<void> {
    await this.db.execute(
      `UPDATE segment_export SET rows_written = $3, size_bytes = $4 WHERE id = $1 AND attempts = $2 AND state = 'running'`,
      [id, attempts, so.rowsWritten, so.sizeBytes],
    );
  }

  /** @returns false where the attempt no longer holds the export */
  async finish(
    { id, attempts, startedAt }: SegmentExport,
    file: { rowsWritten: number; sizeBytes: number; sha256: string },
    at: { nowMs: number; expiresMs: number },
  ): Promise<boolean> {
    const changed = await this.db.execute(
      `UPDATE segment_export SET state = 'done', finished_at = $3, duration_ms = $4, rows_written = $5, size_bytes = $6,
         sha256 = $7, expires_at = $8, error = NULL, lease_until = NULL
       WHERE id = $1 AND attempts = $2 AND state = 'running'`,
      [
        id,
        attempts,
        new Date(at.nowMs),
        at.nowMs - (startedAt?.getTime() ?? at.nowMs),
        file.rowsWritten,
        file.sizeBytes,
        file.sha256,
        new Date(at.expiresMs),
      ],
    );
    return changed === 1;
  }

  /** Says of files whose time is over that they are gone, before they are. */
  async expire(nowMs: number): Promise<void> {
    await this.db.execute(
      `UPDATE segment_export SET state = 'expired' WHERE state = 'done' AND expires_at < $1`,
      [new Date(nowMs)],
    );
  }

  /** Those of the exports that may still have a file. */
  async findWithFiles(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.db.query<{ id: string }>(
      `SELECT id FROM segment_export WHERE id = ANY($1) AND state IN ('queued', 'running', 'done')`,
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }
}
