import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { Forecast, Lane } from '../core/forecast.js';
import { PRIORITIES, RAISED_EVERY_MS } from '../core/run-priority.js';
import { type SegmentRun, SegmentRunRepository, toRun } from './segment-run.repository.js';

/** How many runs may be under way at once. */
export interface LaneLimits {
  total: number;
  perProject: number;
  /** Of all of them, those that are heavy. */
  heavy: number;
}

/** The run that is next: claimed, or one of which it is not yet known whether it is heavy. */
export type NextRun =
  | { kind: 'claimed'; run: SegmentRun; moreWait: boolean }
  | { kind: 'unknown_lane'; runId: string; projectId: ProjectId }
  | { kind: 'none' };

interface Candidate {
  id: string;
  projectId: ProjectId;
  lane: Lane | null;
  others: string;
}

/**
 * Who waits, in the order in which they come (docs/adr/0015). Of the projects that wait, the one with the fewest runs
 * under way is next, then the one whose last run began the longest ago; within it the most urgent run, then the one that
 * waited longest. Runs of one segment go by their moments. $1 now, $2 total, $3 per project, $4 heavy.
 */
const NEXT = `
WITH busy AS (
  SELECT project_id, count(*) AS runs, count(*) FILTER (WHERE lane = 'heavy') AS heavy
  FROM segment_run WHERE state = 'running' AND lease_until >= $1 GROUP BY project_id
), waiting AS (
  SELECT id, project_id, segment_id, lane, priority, queued_at, as_of,
    row_number() OVER (PARTITION BY segment_id ORDER BY (state = 'running') DESC, as_of) AS turn
  FROM segment_run
  WHERE (state = 'queued' AND coalesce(retry_at, $1) <= $1) OR (state = 'running' AND lease_until < $1)
), project AS (
  SELECT project_id, (
    SELECT started_at FROM segment_run AS begun
    WHERE begun.project_id = waiting.project_id AND started_at IS NOT NULL ORDER BY started_at DESC LIMIT 1
  ) AS begun_at
  FROM waiting GROUP BY project_id
)
SELECT waiting.id, waiting.project_id AS "projectId", waiting.lane, count(*) OVER () - 1 AS others
FROM waiting JOIN project USING (project_id) LEFT JOIN busy USING (project_id)
WHERE turn = 1
  AND (SELECT coalesce(sum(runs), 0) FROM busy) < $2
  AND coalesce(busy.runs, 0) < $3
  AND (lane IS DISTINCT FROM 'heavy' OR (SELECT coalesce(sum(heavy), 0) FROM busy) < $4)
  AND NOT EXISTS (
    SELECT 1 FROM segment_run AS other
    WHERE other.segment_id = waiting.segment_id AND other.state = 'running' AND other.id <> waiting.id
  )
ORDER BY coalesce(busy.runs, 0), begun_at NULLS FIRST,
  array_position($5::text[], priority) - floor(extract(epoch FROM $1 - queued_at) * 1000 / ${RAISED_EVERY_MS}),
  queued_at, as_of, id
LIMIT 1`;

/** Decides which run is next. PostgreSQL alone knows: a job only says that it is worth looking. */
@Injectable()
export class RunLanesRepository {
  constructor(
    private readonly db: Database,
    private readonly runs: SegmentRunRepository,
  ) {}

  /** Claims the run that is next, for one worker of the installation at a time. */
  claimNext(limits: LaneLimits, at: { nowMs: number; leaseMs: number }): Promise<NextRun> {
    return this.db.transaction(async (tx) => {
      await tx.query(`SELECT pg_advisory_xact_lock(hashtext('segment-lanes'))`);
      const next = await findNext(tx, limits, at.nowMs);
      if (!next) return { kind: 'none' };
      if (next.lane === null) return { kind: 'unknown_lane', runId: next.id, projectId: next.projectId };
      const row = await this.runs.leases.claimWithin(tx, next.id, at);
      return row ? { kind: 'claimed', run: toRun(row), moreWait: Number(next.others) > 0 } : { kind: 'none' };
    });
  }

  /** @param forecast null where there is none */
  async setLane(runId: string, lane: Lane, forecast: Forecast | null): Promise<void> {
    await this.db.execute(
      'UPDATE segment_run SET lane = $2, rows_forecast = $3, bytes_forecast = $4 WHERE id = $1 AND lane IS NULL',
      [runId, lane, forecast?.rows ?? null, forecast?.bytes ?? null],
    );
  }

  /** Ends a run that must not begin. */
  async refuse(runId: string, forecast: Forecast, refusal: { error: string; nowMs: number }): Promise<void> {
    await this.db.execute(
      `UPDATE segment_run SET state = 'failed', error = $2, finished_at = $3, rows_forecast = $4, bytes_forecast = $5,
         lease_until = NULL
       WHERE id = $1 AND lane IS NULL AND state IN ('queued', 'running')`,
      [runId, refusal.error, new Date(refusal.nowMs), forecast.rows, forecast.bytes],
    );
  }
}

async function findNext(tx: Sql, limits: LaneLimits, nowMs: number): Promise<Candidate | null> {
  const [next] = await tx.query<Candidate>(NEXT, [
    new Date(nowMs),
    limits.total,
    limits.perProject,
    limits.heavy,
    PRIORITIES,
  ]);
  return next ?? null;
}
