import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { ChangeSettings } from '../core/change-settings.js';
import type { Priority } from '../core/run-priority.js';
import type { AnyDefinition } from '../core/sql-definition.js';
import { keepLiveState } from './live-state.js';

export type SegmentState = 'active' | 'paused' | 'archived';

export interface Segment {
  id: string;
  projectId: ProjectId;
  name: string;
  description: string;
  definition: AnyDefinition;
  version: number;
  /** null: it runs only when asked to. */
  scheduleCron: string | null;
  scheduleZone: string;
  state: SegmentState;
  /** Of its runs, among those of the project. */
  priority: Priority;
  nextRunAt: Date | null;
  /** Its membership is kept up to date. */
  isLive: boolean;
  /** When it was last live, where it is not; null where it never was. */
  liveUntil: Date | null;
  /** What becomes of changes of membership; null: nothing. */
  changes: ChangeSettings | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface SegmentVersion {
  version: number;
  definition: AnyDefinition;
  createdAt: Date;
}

const COLUMNS = `id, project_id AS "projectId", name, description, definition, version,
  schedule_cron AS "scheduleCron", schedule_zone AS "scheduleZone", state, next_run_at AS "nextRunAt",
  is_live AS "isLive", live_until AS "liveUntil", changes,
  created_at AS "createdAt", updated_at AS "updatedAt", priority`;

/** Definitions of segments, each version kept. */
@Injectable()
export class SegmentRepository {
  constructor(private readonly db: Database) {}

  /** @returns false where the project has a segment of that name */
  insert(segment: Segment): Promise<boolean> {
    return this.db.transaction(async (tx) => {
      const inserted = await tx.execute(
        `INSERT INTO segment (id, project_id, name, description, definition, version, schedule_cron, schedule_zone,
           state, next_run_at, created_at, updated_at, priority, is_live, changes)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14)
         ON CONFLICT (project_id, name) WHERE state <> 'archived' DO NOTHING`,
        [
          segment.id,
          segment.projectId,
          segment.name,
          segment.description,
          JSON.stringify(segment.definition),
          segment.version,
          segment.scheduleCron,
          segment.scheduleZone,
          segment.state,
          segment.nextRunAt,
          segment.createdAt,
          segment.priority,
          segment.isLive,
          segment.changes && JSON.stringify(segment.changes),
        ],
      );
      if (inserted === 1) await insertVersion(tx, segment);
      if (inserted === 1) await keepLiveState(tx, segment);
      return inserted === 1;
    });
  }

  async find(projectId: ProjectId, id: string): Promise<Segment | null> {
    const [row] = await this.db.query<Segment>(
      `SELECT ${COLUMNS} FROM segment WHERE id = $1 AND project_id = $2`,
      [id, projectId],
    );
    return row ?? null;
  }

  /** Those of the segments that the project has, archived ones too. */
  findMany(projectId: ProjectId, ids: readonly string[]): Promise<Segment[]> {
    return this.db.query(`SELECT ${COLUMNS} FROM segment WHERE project_id = $1 AND id = ANY($2)`, [
      projectId,
      ids,
    ]);
  }

  list(
    projectId: ProjectId,
    page: { state: SegmentState | null; before: string | null; limit: number },
  ): Promise<Segment[]> {
    return this.db.query(
      `SELECT ${COLUMNS} FROM segment
       WHERE project_id = $1 AND ($2::text IS NULL OR id < $2)
         AND CASE WHEN $3::text IS NULL THEN state <> 'archived' ELSE state = $3 END
       ORDER BY id DESC LIMIT $4`,
      [projectId, page.before, page.state, page.limit],
    );
  }

  /**
   * Changes a segment while no other change comes between.
   * @param change gets the present segment and returns the changed one; a higher version keeps the old one too
   * @returns null where there is none; `name_taken` where another segment has the new name
   */
  update(
    projectId: ProjectId,
    id: string,
    change: (present: Segment) => Segment,
  ): Promise<Segment | null | 'name_taken'> {
    return this.db.transaction(async (tx) => {
      const [present] = await tx.query<Segment>(
        `SELECT ${COLUMNS} FROM segment WHERE id = $1 AND project_id = $2 FOR UPDATE`,
        [id, projectId],
      );
      if (!present) return null;
      const changed = change(present);
      if (changed.name !== present.name && (await isNameTaken(tx, changed))) return 'name_taken';
      await tx.execute(
        `UPDATE segment SET name = $2, description = $3, definition = $4, version = $5, schedule_cron = $6,
           schedule_zone = $7, state = $8, next_run_at = $9, updated_at = $10, priority = $11, is_live = $12,
           changes = $13 WHERE id = $1`,
        [
          id,
          changed.name,
          changed.description,
          JSON.stringify(changed.definition),
          changed.version,
          changed.scheduleCron,
          changed.scheduleZone,
          changed.state,
          changed.nextRunAt,
          changed.updatedAt,
          changed.priority,
          changed.isLive,
          changed.changes && JSON.stringify(changed.changes),
        ],
      );
      await keepLiveState(tx, changed);
      if (changed.version !== present.version) await insertVersion(tx, changed);
      return changed;
    });
  }

  /** @returns null where there is no such version */
  async findVersion(segmentId: string, version: number): Promise<SegmentVersion | null> {
    const [row] = await this.db.query<SegmentVersion>(
      'SELECT version, definition, created_at AS "createdAt" FROM segment_version WHERE segment_id = $1 AND version = $2',
      [segmentId, version],
    );
    return row ?? null;
  }

  listVersions(segmentId: string): Promise<SegmentVersion[]> {
    return this.db.query(
      'SELECT version, definition, created_at AS "createdAt" FROM segment_version WHERE segment_id = $1 ORDER BY version DESC LIMIT 500',
      [segmentId],
    );
  }
}

/** The columns of a segment, for the repository of runs, which plans those that are due. */
export const SEGMENT_COLUMNS = COLUMNS;

async function insertVersion(tx: Sql, segment: Segment): Promise<void> {
  await tx.execute(
    'INSERT INTO segment_version (segment_id, version, definition, created_at) VALUES ($1, $2, $3, $4)',
    [segment.id, segment.version, JSON.stringify(segment.definition), segment.updatedAt],
  );
}

async function isNameTaken(tx: Sql, segment: Segment): Promise<boolean> {
  const others = await tx.query(
    `SELECT 1 FROM segment WHERE project_id = $1 AND name = $2 AND id <> $3 AND state <> 'archived'`,
    [segment.projectId, segment.name, segment.id],
  );
  return others.length > 0;
}
