import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../../kernel/ids.js';
import type { SqlValue } from '../../kernel/sql-params.js';
import type { StatementCost } from '../../platform/clickhouse/clickhouse.js';
import { Database } from '../../platform/db/database.js';
import { type LeasedRun, LeasedRuns } from '../../platform/runs/leased-runs.js';
import type { SegmentRunRef } from '../contract.js';
import type { Lane } from '../core/forecast.js';
import type { Priority } from '../core/run-priority.js';
import { SEGMENT_COLUMNS, type Segment } from './segment.repository.js';

export const RUN_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type RunState = (typeof RUN_STATES)[number];
export const RUN_TRIGGERS = ['schedule', 'manual', 'campaign'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

export interface SegmentRun extends LeasedRun {
  segmentId: string;
  projectId: ProjectId;
  version: number;
  asOf: Date;
  state: RunState;
  trigger: RunTrigger;
  priority: Priority;
  /** null until it is known what the run would read. */
  lane: Lane | null;
  queuedAt: Date;
  /** When a failed attempt is followed by the next. */
  retryAt: Date | null;
  finishedAt: Date | null;
  durationMs: number | null;
  memberCount: number | null;
  enteredCount: number | null;
  exitedCount: number | null;
  /** The run that its members were compared with; null: there was none. */
  comparedRunId: string | null;
  rowsForecast: number | null;
  bytesForecast: number | null;
  rowsRead: number | null;
  bytesRead: number | null;
  peakMemoryBytes: number | null;
  elapsedMs: number | null;
  membersDroppedAt: Date | null;
  sql: string | null;
  params: Record<string, SqlValue> | null;
  error: string | null;
}

export interface NewRun {
  segmentId: string;
  projectId: ProjectId;
  version: number;
  /** ms since 1970 */
  asOf: number;
  trigger: RunTrigger;
  priority: Priority;
}

/** What a finished attempt found, and what that took. */
export interface RunResult {
  counts: RunCounts;
  comparedRunId: string | null;
  /** null where it is not known. */
  cost: StatementCost | null;
  sql: string;
  params: Record<string, SqlValue>;
}

export interface RunCounts {
  members: number;
  entered: number;
  exited: number;
}

/** Columns that PostgreSQL gives as text, because they may be larger than a number of JavaScript. */
const NUMBERS = [
  'memberCount',
  'enteredCount',
  'exitedCount',
  'rowsForecast',
  'bytesForecast',
  'rowsRead',
  'bytesRead',
  'peakMemoryBytes',
] as const;
type RunRow = Omit<SegmentRun, (typeof NUMBERS)[number]> &
  Record<(typeof NUMBERS)[number], number | string | null>;

const COLUMNS = `id, segment_id AS "segmentId", project_id AS "projectId", version, as_of AS "asOf", state, trigger,
  attempts, tries, queued_at AS "queuedAt", started_at AS "startedAt", finished_at AS "finishedAt",
  duration_ms AS "durationMs", member_count AS "memberCount", entered_count AS "enteredCount",
  exited_count AS "exitedCount", sql, params, error, priority, lane, retry_at AS "retryAt",
  compared_run_id AS "comparedRunId", rows_forecast AS "rowsForecast", bytes_forecast AS "bytesForecast",
  rows_read AS "rowsRead", bytes_read AS "bytesRead", peak_memory_bytes AS "peakMemoryBytes",
  elapsed_ms AS "elapsedMs", members_dropped_at AS "membersDroppedAt"`;

/** Runs of segments, from the wish for one to its end. Every change of state is one conditional statement. */
@Injectable()
export class SegmentRunRepository {
  /** Who computes a run; large numbers of a row are still text here. */
  readonly leases: LeasedRuns<SegmentRun>;

  constructor(private readonly db: Database) {
    const columns = COLUMNS;
    this.leases = new LeasedRuns(db, { name: 'segment_run', owner: 'segment_id', order: 'as_of', columns });
  }

  /**
   * Queues a run. The same segment as of the same moment is one run: asked for again it is the one that is there,
   * and one that failed or was cancelled is queued anew.
   */
  async queue(run: NewRun, nowMs: number): Promise<SegmentRun> {
    const rows = await this.db.query<RunRow>(
      `INSERT INTO segment_run AS run (id, segment_id, project_id, version, as_of, state, trigger, queued_at, priority)
       VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7, $8)
       ON CONFLICT ON CONSTRAINT segment_run_as_of_key DO UPDATE
         SET state = 'queued', version = excluded.version, tries = 0, queued_at = excluded.queued_at,
             finished_at = NULL, error = NULL, priority = excluded.priority, lane = NULL, rows_forecast = NULL,
             bytes_forecast = NULL
         WHERE run.state IN ('failed', 'cancelled')
       RETURNING ${COLUMNS}`,
      [
        newId('run', nowMs),
        run.segmentId,
        run.projectId,
        run.version,
        new Date(run.asOf),
        run.trigger,
        new Date(nowMs),
        run.priority,
      ],
    );
    const [row] =
      rows.length > 0
        ? rows
        : await this.db.query<RunRow>(
            `SELECT ${COLUMNS} FROM segment_run WHERE segment_id = $1 AND as_of = $2`,
            [run.segmentId, new Date(run.asOf)],
          );
    if (!row) throw new Error(`The run of ${run.segmentId} vanished.`);
    return toRun(row);
  }

  /**
   * Queues a run for every segment whose schedule is due, and moves each schedule on, in one transaction.
   * @param plan says, for a due segment, as of when it runs and when it is due next
   */
  queueDue(
    nowMs: number,
    plan: (segment: Segment) => { asOf: number; nextRunAt: number | null },
  ): Promise<{ id: string; attempts: number }[]> {
    return this.db.transaction(async (tx) => {
      const due = await tx.query<Segment>(
        `SELECT ${SEGMENT_COLUMNS} FROM segment WHERE next_run_at <= $1 AND state = 'active'
         ORDER BY next_run_at LIMIT 200 FOR UPDATE SKIP LOCKED`,
        [new Date(nowMs)],
      );
      const queued: { id: string; attempts: number }[] = [];
      for (const segment of due) {
        const { asOf, nextRunAt } = plan(segment);
        const [run] = await tx.query<{ id: string; attempts: number }>(
          `INSERT INTO segment_run (id, segment_id, project_id, version, as_of, state, trigger, queued_at, priority)
           VALUES ($1, $2, $3, $4, $5, 'queued', 'schedule', $6, $7)
           ON CONFLICT ON CONSTRAINT segment_run_as_of_key DO NOTHING RETURNING id, attempts`,
          [
            newId('run', nowMs),
            segment.id,
            segment.projectId,
            segment.version,
            new Date(asOf),
            new Date(nowMs),
            segment.priority,
          ],
        );
        if (run) queued.push(run);
        await tx.execute('UPDATE segment SET next_run_at = $2 WHERE id = $1', [
          segment.id,
          nextRunAt === null ? null : new Date(nextRunAt),
        ]);
      }
      return queued;
    });
  }

  /** Records the end of an attempt; false where the attempt no longer holds the run. */
  async finish(run: SegmentRun, { counts, cost, ...result }: RunResult, nowMs: number): Promise<boolean> {
    const changed = await this.db.execute(
      `UPDATE segment_run SET state = 'done', finished_at = $3, duration_ms = $4, member_count = $5, entered_count = $6,
         exited_count = $7, sql = $8, params = $9, compared_run_id = $10, rows_read = $11, bytes_read = $12,
         peak_memory_bytes = $13, elapsed_ms = $14, error = NULL, lease_until = NULL
       WHERE id = $1 AND attempts = $2 AND state = 'running'`,
      [
        run.id,
        run.attempts,
        new Date(nowMs),
        nowMs - (run.startedAt?.getTime() ?? nowMs),
        counts.members,
        counts.entered,
        counts.exited,
        result.sql,
        JSON.stringify(result.params),
        result.comparedRunId,
        cost?.rowsRead ?? null,
        cost?.bytesRead ?? null,
        cost?.peakMemoryBytes ?? null,
        cost?.elapsedMs ?? null,
      ],
    );
    return changed === 1;
  }

  async setNotified(id: string, nowMs: number): Promise<void> {
    await this.db.execute('UPDATE segment_run SET notified_at = $2 WHERE id = $1', [id, new Date(nowMs)]);
  }

  async findUnnotified(finishedBeforeMs: number): Promise<SegmentRun[]> {
    const rows = await this.db.query<RunRow>(
      `SELECT ${COLUMNS} FROM segment_run WHERE state = 'done' AND notified_at IS NULL AND finished_at < $1
       ORDER BY finished_at LIMIT 100`,
      [new Date(finishedBeforeMs)],
    );
    return rows.map(toRun);
  }

  async find(projectId: ProjectId, id: string): Promise<SegmentRun | null> {
    const [row] = await this.db.query<RunRow>(
      `SELECT ${COLUMNS} FROM segment_run WHERE id = $1 AND project_id = $2`,
      [id, projectId],
    );
    return row ? toRun(row) : null;
  }

  /** The number of the attempt that finished a run; null where none has. */
  async findFinishedAttempt(id: string): Promise<number | null> {
    const [row] = await this.db.query<{ attempts: number }>(
      `SELECT attempts FROM segment_run WHERE id = $1 AND state = 'done'`,
      [id],
    );
    return row?.attempts ?? null;
  }

  /** The finished run with the latest moment, of those before `beforeMs` where that is given. */
  async findLatestDone(segmentId: string, beforeMs: number | null = null): Promise<SegmentRun | null> {
    const [row] = await this.db.query<RunRow>(
      `SELECT ${COLUMNS} FROM segment_run
       WHERE segment_id = $1 AND state = 'done' AND ($2::timestamptz IS NULL OR as_of < $2)
       ORDER BY as_of DESC LIMIT 1`,
      [segmentId, beforeMs === null ? null : new Date(beforeMs)],
    );
    return row ? toRun(row) : null;
  }

  /** The finished run with the latest moment before `beforeMs` whose members are still there. */
  async findLatestKept(segmentId: string, beforeMs: number): Promise<SegmentRun | null> {
    const [row] = await this.db.query<RunRow>(
      `SELECT ${COLUMNS} FROM segment_run
       WHERE segment_id = $1 AND state = 'done' AND as_of < $2 AND members_dropped_at IS NULL
       ORDER BY as_of DESC LIMIT 1`,
      [segmentId, new Date(beforeMs)],
    );
    return row ? toRun(row) : null;
  }

  /** Finished runs, newest first. */
  async listDone(segmentId: string, before: string | null, limit: number): Promise<SegmentRun[]> {
    const rows = await this.db.query<RunRow>(
      `SELECT ${COLUMNS} FROM segment_run
       WHERE segment_id = $1 AND state = 'done' AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [segmentId, before, limit],
    );
    return rows.map(toRun);
  }

  async list(segmentId: string, before: string | null, limit: number): Promise<SegmentRun[]> {
    const rows = await this.db.query<RunRow>(
      `SELECT ${COLUMNS} FROM segment_run WHERE segment_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [segmentId, before, limit],
    );
    return rows.map(toRun);
  }
}

export function toRunRef(run: SegmentRun): SegmentRunRef {
  return {
    runId: run.id,
    segmentId: run.segmentId,
    projectId: run.projectId,
    asOf: run.asOf.getTime(),
    memberCount: run.memberCount ?? 0,
  };
}

/** PostgreSQL gives large numbers as text. */
export function toRun(row: RunRow): SegmentRun {
  const numbers = NUMBERS.map((name) => [name, row[name] === null ? null : Number(row[name])]);
  return { ...row, ...Object.fromEntries(numbers) };
}
