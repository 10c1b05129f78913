import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { FeaturePlan, FeatureSetDefinition } from '../core/feature-set.js';

export type FeatureSetState = 'active' | 'paused' | 'archived';

export interface FeatureSet {
  id: string;
  projectId: ProjectId;
  name: string;
  description: string;
  definition: FeatureSetDefinition;
  /** What the definition meant when it was saved. */
  plan: FeaturePlan;
  /** Rises with every change of the plan. */
  version: number;
  /** null: snapshots are taken only when asked for. */
  scheduleCron: string | null;
  scheduleZone: string;
  state: FeatureSetState;
  nextRunAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The columns of a set, for the repository of snapshots, which plans those that are due. */
export const FEATURE_SET_COLUMNS = `id, project_id AS "projectId", name, description, definition, plan, version,
  schedule_cron AS "scheduleCron", schedule_zone AS "scheduleZone", state, next_run_at AS "nextRunAt",
  created_at AS "createdAt", updated_at AS "updatedAt"`;

@Injectable()
export class FeatureSetRepository {
  constructor(private readonly db: Database) {}

  /** @returns false where the project has a set of that name */
  async insert(set: FeatureSet): Promise<boolean> {
    const inserted = await this.db.execute(
      `INSERT INTO feature_set (id, project_id, name, description, definition, plan, version, schedule_cron,
         schedule_zone, state, next_run_at, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
       ON CONFLICT (project_id, name) WHERE state <> 'archived' DO NOTHING`,
      [
        set.id,
        set.projectId,
        set.name,
        set.description,
        JSON.stringify(set.definition),
        JSON.stringify(set.plan),
        set.version,
        set.scheduleCron,
        set.scheduleZone,
        set.state,
        set.nextRunAt,
        set.createdAt,
      ],
    );
    return inserted === 1;
  }

  async find(projectId: ProjectId, id: string): Promise<FeatureSet | null> {
    const [row] = await this.db.query<FeatureSet>(
      `SELECT ${FEATURE_SET_COLUMNS} FROM feature_set WHERE id = $1 AND project_id = $2`,
      [id, projectId],
    );
    return row ?? null;
  }

  async findByName(projectId: ProjectId, name: string): Promise<FeatureSet | null> {
    const [row] = await this.db.query<FeatureSet>(
      `SELECT ${FEATURE_SET_COLUMNS} FROM feature_set WHERE project_id = $1 AND name = $2 AND state <> 'archived'`,
      [projectId, name],
    );
    return row ?? null;
  }

  list(projectId: ProjectId, page: { before: string | null; limit: number }): Promise<FeatureSet[]> {
    return this.db.query(
      `SELECT ${FEATURE_SET_COLUMNS} FROM feature_set
       WHERE project_id = $1 AND ($2::text IS NULL OR id < $2) AND state <> 'archived' ORDER BY id DESC LIMIT $3`,
      [projectId, page.before, page.limit],
    );
  }

  /**
   * Changes a set while no other change comes between.
   * @returns null where there is none; `name_taken` where another set has the new name
   */
  update(
    projectId: ProjectId,
    id: string,
    change: (present: FeatureSet) => FeatureSet,
  ): Promise<FeatureSet | null | 'name_taken'> {
    return this.db.transaction(async (tx) => {
      const [present] = await tx.query<FeatureSet>(
        `SELECT ${FEATURE_SET_COLUMNS} FROM feature_set WHERE id = $1 AND project_id = $2 FOR UPDATE`,
        [id, projectId],
      );
      if (!present) return null;
      const changed = change(present);
      if (changed.name !== present.name && (await isNameTaken(tx, changed))) return 'name_taken';
      await tx.execute(
        `UPDATE feature_set SET name = $2, description = $3, definition = $4, plan = $5, version = $6,
           schedule_cron = $7, schedule_zone = $8, state = $9, next_run_at = $10, updated_at = $11 WHERE id = $1`,
        [
          id,
          changed.name,
          changed.description,
          JSON.stringify(changed.definition),
          JSON.stringify(changed.plan),
          changed.version,
          changed.scheduleCron,
          changed.scheduleZone,
          changed.state,
          changed.nextRunAt,
          changed.updatedAt,
        ],
      );
      return changed;
    });
  }
}

async function isNameTaken(tx: Sql, set: FeatureSet): Promise<boolean> {
  const others = await tx.query(
    `SELECT 1 FROM feature_set WHERE project_id = $1 AND name = $2 AND id <> $3 AND state <> 'archived'`,
    [set.projectId, set.name, set.id],
  );
  return others.length > 0;
}
