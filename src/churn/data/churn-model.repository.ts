import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { ChurnDefinition } from '../core/definition.js';
import type { RunTask } from '../core/plan-tables.js';

export const MODEL_STATES = ['active', 'paused', 'archived'] as const;
export type ModelState = (typeof MODEL_STATES)[number];

export interface ChurnModel {
  id: string;
  projectId: ProjectId;
  name: string;
  definition: ChurnDefinition;
  /** null: it runs only when asked to. */
  scheduleCron: string | null;
  scheduleZone: string;
  /** What the schedule does. */
  scheduleTask: RunTask;
  state: ModelState;
  nextRunAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The columns of a model, also for the repository of runs, which plans those that are due. */
export const MODEL_COLUMNS = `id, project_id AS "projectId", name, definition, schedule_cron AS "scheduleCron",
  schedule_zone AS "scheduleZone", schedule_task AS "scheduleTask", state, next_run_at AS "nextRunAt",
  created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Churn models of projects. */
@Injectable()
export class ChurnModelRepository {
  constructor(private readonly db: Database) {}

  /** @returns false where the project has a model of that name */
  async insert(model: ChurnModel): Promise<boolean> {
    const inserted = await this.db.execute(
      `INSERT INTO churn_model (id, project_id, name, definition, schedule_cron, schedule_zone, schedule_task, state,
         next_run_at, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
       ON CONFLICT (project_id, name) WHERE state <> 'archived' DO NOTHING`,
      [
        model.id,
        model.projectId,
        model.name,
        JSON.stringify(model.definition),
        model.scheduleCron,
        model.scheduleZone,
        model.scheduleTask,
        model.state,
        model.nextRunAt,
        model.createdAt,
      ],
    );
    return inserted === 1;
  }

  async find(projectId: ProjectId, id: string): Promise<ChurnModel | null> {
    const [row] = await this.db.query<ChurnModel>(
      `SELECT ${MODEL_COLUMNS} FROM churn_model WHERE id = $1 AND project_id = $2`,
      [id, projectId],
    );
    return row ?? null;
  }

  async findByName(projectId: ProjectId, name: string): Promise<ChurnModel | null> {
    const [row] = await this.db.query<ChurnModel>(
      `SELECT ${MODEL_COLUMNS} FROM churn_model WHERE project_id = $1 AND name = $2 AND state <> 'archived'`,
      [projectId, name],
    );
    return row ?? null;
  }

  list(
    projectId: ProjectId,
    page: { state: ModelState | null; before: string | null; limit: number },
  ): Promise<ChurnModel[]> {
    return this.db.query(
      `SELECT ${MODEL_COLUMNS} FROM churn_model
       WHERE project_id = $1 AND ($2::text IS NULL OR id < $2)
         AND CASE WHEN $3::text IS NULL THEN state <> 'archived' ELSE state = $3 END
       ORDER BY id DESC LIMIT $4`,
      [projectId, page.before, page.state, page.limit],
    );
  }

  /**
   * Changes a model while no other change comes between.
   * @param change gets the present model and returns the changed one
   * @returns null where there is none; `name_taken` where another model has the new name
   */
  update(
    projectId: ProjectId,
    id: string,
    change: (present: ChurnModel) => ChurnModel,
  ): Promise<ChurnModel | null | 'name_taken'> {
    return this.db.transaction(async (tx) => {
      const [present] = await tx.query<ChurnModel>(
        `SELECT ${MODEL_COLUMNS} FROM churn_model WHERE id = $1 AND project_id = $2 FOR UPDATE`,
        [id, projectId],
      );
      if (!present) return null;
      const changed = change(present);
      if (changed.name !== present.name && (await isNameTaken(tx, changed))) return 'name_taken';
      await tx.execute(
        `UPDATE churn_model SET name = $2, schedule_cron = $3, schedule_zone = $4, schedule_task = $5, state = $6,
           next_run_at = $7, updated_at = $8 WHERE id = $1`,
        [
          id,
          changed.name,
          changed.scheduleCron,
          changed.scheduleZone,
          changed.scheduleTask,
          changed.state,
          changed.nextRunAt,
          changed.updatedAt,
        ],
      );
      return changed;
    });
  }
}

async function isNameTaken(tx: Sql, model: ChurnModel): Promise<boolean> {
  const others = await tx.query(
    `SELECT 1 FROM churn_model WHERE project_id = $1 AND name = $2 AND id <> $3 AND state <> 'archived'`,
    [model.projectId, model.name, model.id],
  );
  return others.length > 0;
}
