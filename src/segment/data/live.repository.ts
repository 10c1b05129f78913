import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { LiveRow, MembershipChange } from '../core/diff-live.js';
import { insertBatch, type NewChangeBatch } from './change-batch.repository.js';

/**
 * What was decided and is not in ClickHouse yet; the next update, by whichever process, finishes it first.
 * - `rows`: what an update changed, and who came and went.
 * - `build`: everyone was computed anew; changes are the difference to the build before.
 */
export type Pending =
  | { kind: 'rows'; rows: LiveRow[]; batch: number | null; changes: MembershipChange[] }
  | { kind: 'build'; before: number; batch: number };

/** How far a live segment is. */
export interface LiveState {
  segmentId: string;
  projectId: ProjectId;
  /** The build that counts; null before the first one is there. */
  build: number | null;
  /** Updates of the build so far. */
  tick: number;
  /** What was taken out of the inbox until then has been looked at. */
  seen: number;
  /** The moment that the members are of. */
  asOf: Date | null;
  /** Of the definition, with all it refers to, and the time zone that the build was made with. */
  fingerprint: string | null;
  /** A run to compare the members with. */
  checkRunId: string | null;
  checkedAt: Date | null;
  pending: Pending | null;
  error: string | null;
  createdAt: Date;
}

type LiveStateRow = Omit<LiveState, 'tick' | 'seen'> & { tick: string; seen: string };

const COLUMNS = `segment_id AS "segmentId", project_id AS "projectId", build, tick, seen, as_of AS "asOf", fingerprint,
  check_run_id AS "checkRunId", checked_at AS "checkedAt", pending, error, created_at AS "createdAt"`;

/** Live segments: how far each is, and what happened to whom since. */
@Injectable()
export class LiveRepository {
  constructor(private readonly db: Database) {}

  async find(segmentId: string): Promise<LiveState | null> {
    const [row] = await this.db.query<LiveStateRow>(
      `SELECT ${COLUMNS} FROM segment_live WHERE segment_id = $1`,
      [segmentId],
    );
    return row ? { ...row, tick: Number(row.tick), seen: Number(row.seen) } : null;
  }

  /** Live segments whose last attempt at an update began before, and those that are live no more; marks them as attempted. */
  async takeDue(attemptedBeforeMs: number, nowMs: number): Promise<string[]> {
    const rows = await this.db.query<{ segmentId: string }>(
      `UPDATE segment_live SET attempted_at = $2
       WHERE attempted_at IS NULL OR attempted_at < $1 RETURNING segment_id AS "segmentId"`,
      [new Date(attemptedBeforeMs), new Date(nowMs)],
    );
    return rows.map(({ segmentId }) => segmentId);
  }

  async projectsWithLive(): Promise<ProjectId[]> {
    const rows = await this.db.query<{ projectId: ProjectId }>(
      'SELECT DISTINCT project_id AS "projectId" FROM segment_live',
    );
    return rows.map(({ projectId }) => projectId);
  }

  /** Keeps whom a journal batch concerned. The same batch again is the same row, and once it was looked at a new one. */
  async putInbox(batchId: number, projectId: ProjectId, userIds: readonly UserId[]): Promise<void> {
    await this.db.execute(
      `INSERT INTO segment_live_inbox (batch_id, project_id, user_ids) VALUES ($1, $2, $3)
       ON CONFLICT ON CONSTRAINT segment_live_inbox_pk DO UPDATE SET taken = NULL, user_ids = excluded.user_ids`,
      [batchId, projectId, userIds],
    );
  }

  /**
   * Gives what is new in the inbox of a project the next number. The row of the project is locked meanwhile, so that
   * numbers become visible in their order, which the ids of batches do not.
   * @returns the highest number
   */
  takeInbox(projectId: ProjectId): Promise<number> {
    return this.db.transaction(async (tx) => {
      const [row] = await tx.query<{ taken: string }>(
        `INSERT INTO segment_live_project (project_id, taken) VALUES ($1, 1)
         ON CONFLICT (project_id) DO UPDATE SET taken = segment_live_project.taken + 1 RETURNING taken`,
        [projectId],
      );
      await tx.execute('UPDATE segment_live_inbox SET taken = $2 WHERE project_id = $1 AND taken IS NULL', [
        projectId,
        row?.taken,
      ]);
      return Number(row?.taken);
    });
  }

  /** Users of an inbox between two numbers, the later one included. */
  async inboxUsers(
    projectId: ProjectId,
    numbers: { after: number; until: number },
    limit: number,
  ): Promise<UserId[]> {
    const rows = await this.db.query<{ userId: string }>(
      `SELECT DISTINCT unnest(user_ids) AS "userId" FROM segment_live_inbox
       WHERE project_id = $1 AND taken > $2 AND taken <= $3 LIMIT $4`,
      [projectId, numbers.after, numbers.until, limit],
    );
    return rows.map(({ userId }) => Number(userId));
  }

  /** Throws away what every live segment of its project has looked at. */
  async pruneInbox(): Promise<void> {
    await this.db.execute(
      `DELETE FROM segment_live_inbox WHERE taken <= coalesce(
         (SELECT min(seen) FROM segment_live WHERE segment_live.project_id = segment_live_inbox.project_id),
         taken)`,
    );
    await this.db.execute(
      `DELETE FROM segment_live_inbox WHERE NOT EXISTS (
         SELECT FROM segment_live WHERE segment_live.project_id = segment_live_inbox.project_id)`,
    );
  }

  async newBuild(segmentId: string, nowMs: number): Promise<number> {
    const [row] = await this.db.query<{ build: number }>(
      'INSERT INTO segment_live_build (segment_id, made_at) VALUES ($1, $2) RETURNING build',
      [segmentId, new Date(nowMs)],
    );
    if (!row) throw new Error('A build has no number.');
    return row.build;
  }

  /** Builds made before that count for nothing and that nobody compares with any more. */
  async findDeadBuilds(madeBeforeMs: number): Promise<number[]> {
    const rows = await this.db.query<{ build: number }>(
      `SELECT build FROM segment_live_build AS made
       WHERE made_at < $1 AND NOT EXISTS (
         SELECT FROM segment_live
         WHERE segment_live.build = made.build OR (segment_live.pending ->> 'before')::integer = made.build)`,
      [new Date(madeBeforeMs)],
    );
    return rows.map(({ build }) => build);
  }

  async forgetBuild(build: number): Promise<void> {
    await this.db.execute('DELETE FROM segment_live_build WHERE build = $1', [build]);
  }

  /**
   * Decides a new build.
   * @returns false where another process has decided something meanwhile: nothing is changed then
   */
  commitBuild(
    before: LiveState,
    made: { build: number; seen: number; asOfMs: number; fingerprint: string },
    batch: NewChangeBatch | null,
  ): Promise<boolean> {
    return this.db.transaction(async (tx) => {
      if (!(await lock(tx, before))) return false;
      const batchId = batch && (await insertBatch(tx, batch));
      const pending: Pending | null =
        before.build === null || batchId === null
          ? null
          : { kind: 'build', before: before.build, batch: batchId };
      await tx.execute(
        `UPDATE segment_live SET build = $2, tick = 0, seen = $3, as_of = $4, fingerprint = $5, check_run_id = NULL,
           checked_at = $4, pending = $6, error = NULL WHERE segment_id = $1`,
        [
          before.segmentId,
          made.build,
          made.seen,
          new Date(made.asOfMs),
          made.fingerprint,
          pending && JSON.stringify(pending),
        ],
      );
      return true;
    });
  }

  /** Decides an update; `false` as for `commitBuild`. */
  commitTick(
    before: LiveState,
    made: {
      seen: number;
      asOfMs: number;
      checkedAtMs: number | null;
      rows: LiveRow[];
      changes: MembershipChange[];
    },
    batch: NewChangeBatch | null,
  ): Promise<boolean> {
    return this.db.transaction(async (tx) => {
      if (!(await lock(tx, before))) return false;
      const batchId = batch && (await insertBatch(tx, batch));
      const pending: Pending | null =
        made.rows.length === 0 && batchId === null
          ? null
          : { kind: 'rows', rows: made.rows, batch: batchId, changes: made.changes };
      await tx.execute(
        `UPDATE segment_live SET tick = tick + 1, seen = $2, as_of = $3, checked_at = coalesce($4, checked_at), pending = $5,
           check_run_id = CASE WHEN check_run_id = $6 THEN NULL ELSE check_run_id END, error = NULL
         WHERE segment_id = $1`,
        [
          before.segmentId,
          made.seen,
          new Date(made.asOfMs),
          made.checkedAtMs === null ? null : new Date(made.checkedAtMs),
          pending && JSON.stringify(pending),
          before.checkRunId,
        ],
      );
      return true;
    });
  }

  /** What was pending is in ClickHouse: the changes can be told. */
  async settle(state: LiveState): Promise<void> {
    await this.db.transaction(async (tx) => {
      await tx.execute(
        'UPDATE segment_live SET pending = NULL WHERE segment_id = $1 AND build = $2 AND tick = $3',
        [state.segmentId, state.build, state.tick],
      );
      const batch = state.pending?.batch ?? null;
      if (batch !== null)
        await tx.execute('UPDATE segment_change_batch SET is_filled = true WHERE id = $1', [batch]);
    });
  }

  /** @param attemptedAtMs when it counts as attempted: the next attempt follows so much later */
  async setError(segmentId: string, error: string, attemptedAtMs: number): Promise<void> {
    await this.db.execute('UPDATE segment_live SET error = $2, attempted_at = $3 WHERE segment_id = $1', [
      segmentId,
      error,
      new Date(attemptedAtMs),
    ]);
  }

  /** The members are compared with those of a run by the next update. */
  async askCheck(segmentId: string, runId: string): Promise<void> {
    await this.db.execute('UPDATE segment_live SET check_run_id = $2 WHERE segment_id = $1', [
      segmentId,
      runId,
    ]);
  }

  async remove(segmentId: string): Promise<void> {
    await this.db.execute('DELETE FROM segment_live WHERE segment_id = $1', [segmentId]);
  }
}

async function lock(tx: Sql, { segmentId, build, tick }: LiveState): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM segment_live WHERE segment_id = $1 AND build IS NOT DISTINCT FROM $2 AND tick = $3
       AND pending IS NULL FOR UPDATE`,
    [segmentId, build, tick],
  );
  return rows.length > 0;
}
