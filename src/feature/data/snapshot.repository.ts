import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../../kernel/ids.js';
import type { SqlValue } from '../../kernel/sql-params.js';
import { Database } from '../../platform/db/database.js';
import { type LeasedRun, LeasedRuns, type QueuedRun } from '../../platform/runs/leased-runs.js';
import type { FeaturePlan } from '../core/feature-set.js';
import { FEATURE_SET_COLUMNS, type FeatureSet } from './feature-set.repository.js';

export const SNAPSHOT_STATES = ['queued', 'running', 'done', 'failed'] as const;
export const SNAPSHOT_TRIGGERS = ['schedule', 'manual'] as const;
export type SnapshotTrigger = (typeof SNAPSHOT_TRIGGERS)[number];

/** A feature that a snapshot left out, and why. */
export interface ExcludedFeature {
  name: string;
  reason: 'not_as_of';
}

export interface Snapshot extends LeasedRun {
  setId: string;
  projectId: ProjectId;
  version: number;
  cutoff: Date;
  plan: FeaturePlan;
  state: (typeof SNAPSHOT_STATES)[number];
  trigger: SnapshotTrigger;
  queuedAt: Date;
  finishedAt: Date | null;
  durationMs: number | null;
  rowCount: number | null;
  /** Events from before the cutoff that were received too late to be looked at. */
  lateCount: number | null;
  excluded: ExcludedFeature[] | null;
  sql: string | null;
  params: Record<string, SqlValue> | null;
  error: string | null;
}

export interface SnapshotResult {
  rowCount: number;
  lateCount: number;
  excluded: ExcludedFeature[];
  sql: string;
  params: Record<string, SqlValue>;
}

// Counts stay far below 2^53: PostgreSQL hands a bigint over as text, a double as a number.
const COLUMNS = `id, set_id AS "setId", project_id AS "projectId", version, cutoff, plan, state, trigger, attempts, tries,
  queued_at AS "queuedAt", started_at AS "startedAt", finished_at AS "finishedAt", duration_ms AS "durationMs",
  row_count::float8 AS "rowCount", late_count::float8 AS "lateCount", excluded, sql, params, error`;

const INSERT = `INSERT INTO feature_snapshot AS snapshot (id, set_id, project_id, version, cutoff, plan, state, trigger, queued_at)
  VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8)
  ON CONFLICT ON CONSTRAINT feature_snapshot_cutoff_key`;

/** Snapshots of feature sets, from the wish for one to its end. */
@Injectable()
export class SnapshotRepository {
  /** Who computes a snapshot. */
  readonly leases: LeasedRuns<Snapshot>;

  constructor(private readonly db: Database) {
    const columns = COLUMNS;
    this.leases = new LeasedRuns(db, { name: 'feature_snapshot', owner: 'set_id', order: 'cutoff', columns });
  }

  /**
   * Queues a snapshot. The same set at the same cutoff is one snapshot: asked for again it is the one that is there,
   * and one that failed is queued anew.
   */
  async queue(set: FeatureSet, cutoff: number, nowMs: number): Promise<Snapshot> {
    const rows = await this.db.query<Snapshot>(
      `${INSERT} DO UPDATE
         SET state = 'queued', version = excluded.version, plan = excluded.plan, tries = 0,
             queued_at = excluded.queued_at, finished_at = NULL, error = NULL
         WHERE snapshot.state = 'failed'
       RETURNING ${COLUMNS}`,
      toValues(set, { cutoff, trigger: 'manual', nowMs }),
    );
    const [row] =
      rows.length > 0
        ? rows
        : await this.db.query<Snapshot>(
            `SELECT ${COLUMNS} FROM feature_snapshot WHERE set_id = $1 AND cutoff = $2`,
            [set.id, new Date(cutoff)],
          );
    if (!row) throw new Error(`The snapshot of ${set.id} vanished.`);
    return row;
  }

  /** Queues a snapshot of every set whose schedule is due, and moves each schedule on, in one transaction. */
  queueDue(
    nowMs: number,
    plan: (set: FeatureSet) => { asOf: number; nextRunAt: number | null },
  ): Promise<QueuedRun[]> {
    return this.db.transaction(async (tx) => {
      const due = await tx.query<FeatureSet>(
        `SELECT ${FEATURE_SET_COLUMNS} FROM feature_set WHERE next_run_at <= $1 AND state = 'active'
         ORDER BY next_run_at LIMIT 200 FOR UPDATE SKIP LOCKED`,
        [new Date(nowMs)],
      );
      const queued: QueuedRun[] = [];
      for (const set of due) {
        const { asOf: cutoff, nextRunAt } = plan(set);
        const [snapshot] = await tx.query<QueuedRun>(
          `${INSERT} DO NOTHING RETURNING id, attempts`,
          toValues(set, { cutoff, trigger: 'schedule', nowMs }),
        );
        if (snapshot) queued.push(snapshot);
        await tx.execute('UPDATE feature_set SET next_run_at = $2 WHERE id = $1', [
          set.id,
          nextRunAt === null ? null : new Date(nextRunAt),
        ]);
      }
      return queued;
    });
  }

  /** Records the end of an attempt; false where the attempt no longer holds the snapshot. */
  async finish(snapshot: Snapshot, result: SnapshotResult, nowMs: number): Promise<boolean> {
    const changed = await this.db.execute(
      `UPDATE feature_snapshot SET state = 'done', finished_at = $3, duration_ms = $4, row_count = $5, late_count = $6,
         excluded = $7, sql = $8, params = $9, error = NULL, lease_until = NULL
       WHERE id = $1 AND attempts = $2 AND state = 'running'`,
      [
        snapshot.id,
        snapshot.attempts,
        new Date(nowMs),
        nowMs - (snapshot.startedAt?.getTime() ?? nowMs),
        result.rowCount,
        result.lateCount,
        JSON.stringify(result.excluded),
        result.sql,
        JSON.stringify(result.params),
      ],
    );
    return changed === 1;
  }

  async find(projectId: ProjectId, id: string): Promise<Snapshot | null> {
    const [row] = await this.db.query<Snapshot>(
      `SELECT ${COLUMNS} FROM feature_snapshot WHERE id = $1 AND project_id = $2`,
      [id, projectId],
    );
    return row ?? null;
  }

  /** The finished snapshot with the latest cutoff, of those up to `untilMs` where that is given. */
  async findLatestDone(
    projectId: ProjectId,
    setId: string,
    untilMs: number | null = null,
  ): Promise<Snapshot | null> {
    const [row] = await this.db.query<Snapshot>(
      `SELECT ${COLUMNS} FROM feature_snapshot
       WHERE project_id = $1 AND set_id = $2 AND state = 'done' AND ($3::timestamptz IS NULL OR cutoff <= $3)
       ORDER BY cutoff DESC LIMIT 1`,
      [projectId, setId, untilMs === null ? null : new Date(untilMs)],
    );
    return row ?? null;
  }

  /** Finished snapshots, latest cutoff first. */
  listDone(projectId: ProjectId, setId: string, limit: number): Promise<Snapshot[]> {
    return this.db.query(
      `SELECT ${COLUMNS} FROM feature_snapshot WHERE project_id = $1 AND set_id = $2 AND state = 'done'
       ORDER BY cutoff DESC LIMIT $3`,
      [projectId, setId, limit],
    );
  }

  list(setId: string, before: string | null, limit: number): Promise<Snapshot[]> {
    return this.db.query(
      `SELECT ${COLUMNS} FROM feature_snapshot WHERE set_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [setId, before, limit],
    );
  }
}

function toValues(
  set: FeatureSet,
  wish: { cutoff: number; trigger: SnapshotTrigger; nowMs: number },
): unknown[] {
  return [
    newId('featureSnapshot', wish.nowMs),
    set.id,
    set.projectId,
    set.version,
    new Date(wish.cutoff),
    JSON.stringify(set.plan),
    wish.trigger,
    new Date(wish.nowMs),
  ];
}

/** The features whose values a snapshot keeps, in their order. */
export function featuresOf({ plan, excluded }: Snapshot) {
  const left = new Set(excluded?.map(({ name }) => name));
  return plan.features.filter(({ name }) => !left.has(name));
}
