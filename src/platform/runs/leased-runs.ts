import type { Database, Sql } from '../db/database.js';

/** What every table of runs knows of a run while it is computed. */
export interface LeasedRun {
  id: string;
  /** Attempts over its whole life: what one attempt stored never mixes with another's. */
  attempts: number;
  /** Attempts since it was last queued by a wish for it. */
  tries: number;
  startedAt: Date | null;
}

/** A table of runs. Its names come from the code, never from outside. */
export interface RunTable {
  name: string;
  /** Column of what the run is of: it has one run under way at a time, by a unique index. */
  owner: string;
  /** Column by which the runs of one owner are computed in turn. */
  order: string;
  /** What is read of a row, in SQL. */
  columns: string;
}

/** The run of an owner that may start, and how often it was tried. */
export interface QueuedRun {
  id: string;
  attempts: number;
}

const UNIQUE_VIOLATION = '23505';

/**
 * Runs that workers hold under a lease. Every change of state is one conditional statement, so that a worker that was
 * thought dead changes nothing any more. Columns: id, state, attempts, tries, queued_at, retry_at, started_at,
 * lease_until, finished_at, duration_ms, error.
 */
export class LeasedRuns<Row extends LeasedRun> {
  constructor(
    private readonly db: Database,
    private readonly table: RunTable,
  ) {}

  /**
   * Takes a run that is queued, or whose worker stopped renewing its lease.
   * @returns null where there is nothing to take, also because its owner has another run under way
   */
  async claim(id: string, nowMs: number, leaseMs: number): Promise<Row | null> {
    try {
      return await this.claimWithin(this.db, id, { nowMs, leaseMs });
    } catch (error) {
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return null;
      throw error;
    }
  }

  /** Like `claim`, as a part of a transaction, which ends where the owner has another run under way. */
  async claimWithin(sql: Sql, id: string, at: { nowMs: number; leaseMs: number }): Promise<Row | null> {
    const [row] = await sql.query<Row>(
      `UPDATE ${this.table.name} SET state = 'running', attempts = attempts + 1, tries = tries + 1, started_at = $2, lease_until = $3, retry_at = NULL
       WHERE id = $1 AND ((state = 'queued' AND coalesce(retry_at, $2) <= $2) OR (state = 'running' AND lease_until < $2))
       RETURNING ${this.table.columns}`,
      [id, new Date(at.nowMs), new Date(at.nowMs + at.leaseMs)],
    );
    return row ?? null;
  }

  /** @returns false where the attempt is no longer the one that holds the run */
  async renew(run: LeasedRun, leaseUntilMs: number): Promise<boolean> {
    const changed = await this.db.execute(
      `UPDATE ${this.table.name} SET lease_until = $3 WHERE id = $1 AND attempts = $2 AND state = 'running'`,
      [run.id, run.attempts, new Date(leaseUntilMs)],
    );
    return changed === 1;
  }

  /** Ends a failed attempt: the run is queued again for `retryAtMs`, or has failed for good where that is null. */
  async giveUp(
    run: LeasedRun,
    error: string,
    at: { nowMs: number; retryAtMs: number | null },
  ): Promise<void> {
    await this.db.execute(
      `UPDATE ${this.table.name} SET state = $3, error = $4, retry_at = $5, finished_at = $6, duration_ms = $7, lease_until = NULL
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

  /** Ends a run that waits or is under way for good; its worker finds out when it renews the lease. */
  async cancel(id: string, nowMs: number): Promise<boolean> {
    const changed = await this.db.execute(
      `UPDATE ${this.table.name} SET state = 'cancelled', finished_at = $2, lease_until = NULL, retry_at = NULL,
         duration_ms = (extract(epoch FROM $2::timestamptz - started_at) * 1000)::integer
       WHERE id = $1 AND state IN ('queued', 'running')`,
      [id, new Date(nowMs)],
    );
    return changed === 1;
  }

  /** Runs that wait or whose worker is gone: their job may be lost. */
  findStranded(nowMs: number, waitedMs: number): Promise<QueuedRun[]> {
    return this.db.query(
      `SELECT id, attempts FROM ${this.table.name}
       WHERE (state = 'queued' AND coalesce(retry_at, queued_at) < $2) OR (state = 'running' AND lease_until < $1)
       ORDER BY queued_at LIMIT 500`,
      [new Date(nowMs), new Date(nowMs - waitedMs)],
    );
  }

  /** The run of the same owner that may start now; null where none waits. */
  async findNextQueued(runId: string, nowMs: number): Promise<QueuedRun | null> {
    const { name, owner, order } = this.table;
    const [row] = await this.db.query<QueuedRun>(
      `SELECT id, attempts FROM ${name}
       WHERE ${owner} = (SELECT ${owner} FROM ${name} WHERE id = $1) AND state = 'queued' AND coalesce(retry_at, $2) <= $2
       ORDER BY ${order} LIMIT 1`,
      [runId, new Date(nowMs)],
    );
    return row ?? null;
  }
}
