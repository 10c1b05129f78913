import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import type { ChurnFit, ChurnReport } from '../core/fit.js';
import type { RunTask } from '../core/plan-tables.js';
import type { ScoreRowReason } from '../core/score-reader.js';
import { type ChurnModel, MODEL_COLUMNS } from './churn-model.repository.js';

export const RUN_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type RunState = (typeof RUN_STATES)[number];
export const RUN_TRIGGERS = ['schedule', 'manual', 'upload'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

export interface ChurnRun {
  id: string;
  modelId: string;
  projectId: ProjectId;
  task: RunTask;
  /** Nothing at or after it is looked at. */
  asOf: Date;
  state: RunState;
  trigger: RunTrigger;
  /** Attempts over its whole life: what one attempt stored never mixes with another's. */
  attempts: number;
  /** Attempts since it was last queued by a wish for it. */
  tries: number;
  queuedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  durationMs: number | null;
  /** The run whose fit gave the scores: itself where it trained. */
  fitRunId: string | null;
  fit: ChurnFit | null;
  report: ChurnReport | null;
  scoredCount: number | null;
  /** What a file of scores came to; null where the scores were computed. */
  upload: UploadCounts | null;
  error: string | null;
}

/** Every row of a file is counted once. */
export interface UploadCounts {
  rows: number;
  /** Users that have a score now. */
  matched: number;
  /** Rows of users that the project does not have. */
  unknown: number;
  /** Rows of users who have more than one; the last one counts. */
  repeated: number;
  /** Rows that cannot be read, or hold no score. */
  invalid: number;
  reasons: Partial<Record<ScoreRowReason, number>>;
  /** The first rows that gave no score. */
  examples: { line: number; reason: ScoreRowReason }[];
}

/** How a run ended well. */
export interface RunResult {
  fitRunId: string;
  fit: ChurnFit | null;
  report: ChurnReport | null;
  scoredCount: number;
}

type RunRow = Omit<ChurnRun, 'scoredCount'> & { scoredCount: string | null };

const COLUMNS = `id, model_id AS "modelId", project_id AS "projectId", task, as_of AS "asOf", state, trigger, attempts,
  tries, queued_at AS "queuedAt", started_at AS "startedAt", finished_at AS "finishedAt", duration_ms AS "durationMs",
  fit_run_id AS "fitRunId", fit, report, scored_count AS "scoredCount", upload, error`;

const UNIQUE_VIOLATION = '23505';

/** Runs of churn models, from the wish for one to its end. Every change of state is one conditional statement. */
@Injectable()
export class ChurnRunRepository {
  constructor(private readonly db: Database) {}

  /**
   * Queues a run. The same task as of the same moment is one run: asked for again it is the one that is there,
   * and one that failed or was cancelled is queued anew.
   */
  async queue(
    run: { modelId: string; projectId: ProjectId; task: RunTask; asOf: number },
    nowMs: number,
  ): Promise<ChurnRun> {
    const rows = await this.db.query<RunRow>(
      `INSERT INTO churn_run AS run (id, model_id, project_id, task, as_of, state, trigger, queued_at)
       VALUES ($1, $2, $3, $4, $5, 'queued', 'manual', $6)
       ON CONFLICT ON CONSTRAINT churn_run_as_of_key DO UPDATE
         SET state = 'queued', tries = 0, queued_at = excluded.queued_at, finished_at = NULL, error = NULL
         WHERE run.state IN ('failed', 'cancelled')
       RETURNING ${COLUMNS}`,
      [newId('churnRun', nowMs), run.modelId, run.projectId, run.task, new Date(run.asOf), new Date(nowMs)],
    );
    const [row] =
      rows.length > 0
        ? rows
        : await this.db.query<RunRow>(
            `SELECT ${COLUMNS} FROM churn_run WHERE model_id = $1 AND task = $2 AND as_of = $3`,
            [run.modelId, run.task, new Date(run.asOf)],
          );
    if (!row) throw new Error(`The run of ${run.modelId} vanished.`);
    return toRun(row);
  }

  /**
   * Queues a run for every model whose schedule is due, and moves each schedule on, in one transaction.
   * @param plan says, for a due model, as of when it runs and when it is due next
   */
  queueDue(
    nowMs: number,
    plan: (model: ChurnModel) => { asOf: number; nextRunAt: number | null },
  ): Promise<{ id: string; attempts: number }[]> {
    return this.db.transaction(async (tx) => {
      const due = await tx.query<ChurnModel>(
        `SELECT ${MODEL_COLUMNS} FROM churn_model WHERE next_run_at <= $1 AND state = 'active'
         ORDER BY next_run_at LIMIT 200 FOR UPDATE SKIP LOCKED`,
        [new Date(nowMs)],
      );
      const queued: { id: string; attempts: number }[] = [];
      for (const model of due) {
        const { asOf, nextRunAt } = plan(model);
        const [run] = await tx.query<{ id: string; attempts: number }>(
          `INSERT INTO churn_run (id, model_id, project_id, task, as_of, state, trigger, queued_at)
           VALUES ($1, $2, $3, $4, $5, 'queued', 'schedule', $6)
           ON CONFLICT ON CONSTRAINT churn_run_as_of_key DO NOTHING RETURNING id, attempts`,
          [
            newId('churnRun', nowMs),
            model.id,
            model.projectId,
            model.scheduleTask,
            new Date(asOf),
            new Date(nowMs),
          ],
        );
        if (run) queued.push(run);
        await tx.execute('UPDATE churn_model SET next_run_at = $2 WHERE id = $1', [
          model.id,
          nextRunAt === null ? null : new Date(nextRunAt),
        ]);
      }
      return queued;
    });
  }

  /**
   * Takes a run that is queued, or whose worker stopped renewing its lease.
   * @returns null where there is nothing to take, also because the model has another run under way
   */
  async claim(id: string, nowMs: number, leaseMs: number): Promise<ChurnRun | null> {
    try {
      const [row] = await this.db.query<RunRow>(
        `UPDATE churn_run SET state = 'running', attempts = attempts + 1, tries = tries + 1, started_at = $2,
           lease_until = $3, retry_at = NULL
         WHERE id = $1 AND ((state = 'queued' AND coalesce(retry_at, $2) <= $2) OR (state = 'running' AND lease_until < $2))
         RETURNING ${COLUMNS}`,
        [id, new Date(nowMs), new Date(nowMs + leaseMs)],
      );
      return row ? toRun(row) : null;
    } catch (error) {
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return null;
      throw error;
    }
  }

  /** @returns false where the attempt no longer holds the run, also because it was cancelled */
  async renew(run: ChurnRun, leaseUntilMs: number): Promise<boolean> {
    const changed = await this.db.execute(
      `UPDATE churn_run SET lease_until = $3 WHERE id = $1 AND attempts = $2 AND state = 'running'`,
      [run.id, run.attempts, new Date(leaseUntilMs)],
    );
    return changed === 1;
  }

  /** Runs of a model as of one moment, of either task. */
  findAsOf(modelId: string, asOf: Date): Promise<{ id: string }[]> {
    return this.db.query('SELECT id FROM churn_run WHERE model_id = $1 AND as_of = $2', [modelId, asOf]);
  }

  /** A run whose scores were uploaded, finished from the beginning; null where the moment is taken. */
  async insertUploaded(
    run: { id: string; modelId: string; projectId: ProjectId; asOf: Date; attempt: number },
    upload: UploadCounts,
    now: Date,
  ): Promise<ChurnRun | null> {
    const [row] = await this.db.query<RunRow>(
      `INSERT INTO churn_run (id, model_id, project_id, task, as_of, state, trigger, attempts, queued_at, started_at,
         finished_at, duration_ms, fit_run_id, upload, scored_count)
       VALUES ($1, $2, $3, 'score', $4, 'done', 'upload', $5, $6, $6, $6, 0, $1, $7, $8)
       ON CONFLICT ON CONSTRAINT churn_run_as_of_key DO NOTHING RETURNING ${COLUMNS}`,
      [
        run.id,
        run.modelId,
        run.projectId,
        run.asOf,
        run.attempt,
        now,
        JSON.stringify(upload),
        upload.matched,
      ],
    );
    return row ? toRun(row) : null;
  }

  /** Records the end of an attempt; false where the attempt no longer holds the run. */
  async finish(run: ChurnRun, result: RunResult, nowMs: number): Promise<boolean> {
    const changed = await this.db.execute(
      `UPDATE churn_run SET state = 'done', finished_at = $3, duration_ms = $4, fit_run_id = $5, fit = $6, report = $7,
         scored_count = $8, error = NULL, lease_until = NULL
       WHERE id = $1 AND attempts = $2 AND state = 'running'`,
      [
        run.id,
        run.attempts,
        new Date(nowMs),
        nowMs - (run.startedAt?.getTime() ?? nowMs),
        result.fitRunId,
        result.fit && JSON.stringify(result.fit),
        result.report && JSON.stringify(result.report),
        result.scoredCount,
      ],
    );
    return changed === 1;
  }

  /** Ends a failed attempt: the run is queued again for `retryAtMs`, or has failed for good where that is null. */
  async giveUp(run: ChurnRun, error: string, at: { nowMs: number; retryAtMs: number | null }): Promise<void> {
    await this.db.execute(
      `UPDATE churn_run SET state = $3, error = $4, retry_at = $5, finished_at = $6, duration_ms = $7, lease_until = NULL
       WHERE id = $1 AND attempts = $2 AND state = 'running'`,
      [
        run.id,
        run.attempts,
        at.retryAtMs === null ? 'failed' : 'queued',
        error,
        at.retryAtMs === null ? null : new Date(at.retryAtMs),
        at.retryAtMs === null ? new Date(at.nowMs) : null,
        at.nowMs - (run.startedAt?.getTime() ?? at.nowMs),
      ],
    );
  }

  /** Ends a run that waits or is under way; false where it had ended before. */
  async cancel(id: string, nowMs: number): Promise<boolean> {
    const changed = await this.db.execute(
      `UPDATE churn_run SET state = 'cancelled', finished_at = $2, retry_at = NULL, lease_until = NULL
       WHERE id = $1 AND state IN ('queued', 'running')`,
      [id, new Date(nowMs)],
    );
    return changed === 1;
  }

  /** Runs that wait or whose worker is gone: their job may be lost. */
  findStranded(nowMs: number, waitedMs: number): Promise<{ id: string; attempts: number }[]> {
    return this.db.query(
      `SELECT id, attempts FROM churn_run
       WHERE (state = 'queued' AND coalesce(retry_at, queued_at) < $2) OR (state = 'running' AND lease_until < $1)
       ORDER BY queued_at LIMIT 500`,
      [new Date(nowMs), new Date(nowMs - waitedMs)],
    );
  }

  /** The run of the model that may start now; null where none waits. */
  async findNextQueued(modelId: string, nowMs: number): Promise<{ id: string; attempts: number } | null> {
    const [row] = await this.db.query<{ id: string; attempts: number }>(
      `SELECT id, attempts FROM churn_run
       WHERE model_id = $1 AND state = 'queued' AND coalesce(retry_at, $2) <= $2 ORDER BY as_of, id LIMIT 1`,
      [modelId, new Date(nowMs)],
    );
    return row ?? null;
  }

  async find(projectId: ProjectId, id: string): Promise<ChurnRun | null> {
    const [row] = await this.db.query<RunRow>(
      `SELECT ${COLUMNS} FROM churn_run WHERE id = $1 AND project_id = $2`,
      [id, projectId],
    );
    return row ? toRun(row) : null;
  }

  /** The finished run with the latest moment; of one task and until a moment where those are given. */
  async findLatestDone(
    modelId: string,
    { task = null, untilMs = null }: { task?: RunTask | null; untilMs?: number | null } = {},
  ): Promise<ChurnRun | null> {
    const [row] = await this.db.query<RunRow>(
      `SELECT ${COLUMNS} FROM churn_run
       WHERE model_id = $1 AND state = 'done' AND ($2::text IS NULL OR task = $2)
         AND ($3::timestamptz IS NULL OR as_of <= $3)
       ORDER BY as_of DESC, id DESC LIMIT 1`,
      [modelId, task, untilMs === null ? null : new Date(untilMs)],
    );
    return row ? toRun(row) : null;
  }

  async list(modelId: string, before: string | null, limit: number): Promise<ChurnRun[]> {
    const rows = await this.db.query<RunRow>(
      `SELECT ${COLUMNS} FROM churn_run WHERE model_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [modelId, before, limit],
    );
    return rows.map(toRun);
  }
}

function toRun(row: RunRow): ChurnRun {
  return { ...row, scoredCount: row.scoredCount === null ? null : Number(row.scoredCount) };
}
