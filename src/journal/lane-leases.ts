import { Injectable } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import { Database } from '../platform/db/database.js';
import { log } from '../platform/log/log.js';
import { fairShare, LANES } from './core/lanes.js';

/** Namespace of the advisory locks of lanes; the presence of a worker is the lock numbered LANES. */
const LOCK_CLASS = 0x7265_6b69;

/**
 * Which lanes this process may read: session locks in PostgreSQL, held on one connection. They end with the
 * process, however it ends. Workers share the lanes evenly.
 */
@Injectable()
export class LaneLeases {
  /** Lane → number of its lease. */
  private readonly held = new Map<number, number>();
  private leaseCount = 0;
  private runner: QueryRunner | null = null;

  constructor(private readonly db: Database) {}

  has(lane: number): boolean {
    return this.held.has(lane);
  }

  /** A number that is another each time a lane is leased; of a lane just lost, one that nobody had. */
  leaseOf(lane: number): number {
    return this.held.get(lane) ?? ++this.leaseCount;
  }

  /**
   * Takes free lanes up to a fair share.
   * @param mayRelease lanes that can be given to another worker now, because no batch of theirs is under way
   */
  async renew(mayRelease: (lane: number) => boolean): Promise<void> {
    try {
      const runner = await this.connect();
      const share = fairShare(await this.countWorkers(runner));
      for (const lane of [...this.held.keys()]
        .filter(mayRelease)
        .slice(0, Math.max(0, this.held.size - share))) {
        await runner.query('SELECT pg_advisory_unlock($1, $2)', [LOCK_CLASS, lane]);
        this.held.delete(lane);
      }
      for (let lane = 0; lane < LANES && this.held.size < share; lane++) {
        if (!this.held.has(lane) && (await tryLock(runner, lane))) this.held.set(lane, ++this.leaseCount);
      }
    } catch (error) {
      log.warn({ err: error }, 'the lanes of the journal cannot be leased: PostgreSQL does not answer');
      await this.release();
    }
  }

  async release(): Promise<void> {
    this.held.clear();
    const runner = this.runner;
    this.runner = null;
    if (!runner || runner.isReleased) return;
    await runner.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
    await runner.release().catch(() => undefined);
  }

  private async connect(): Promise<QueryRunner> {
    if (this.runner && !this.runner.isReleased) return this.runner;
    this.held.clear();
    const runner = this.db.source.createQueryRunner();
    await runner.query('SELECT pg_advisory_lock_shared($1, $2)', [LOCK_CLASS, LANES]);
    this.runner = runner;
    return runner;
  }

  private async countWorkers(runner: QueryRunner): Promise<number> {
    const [row] = (await runner.query(
      `SELECT count(*)::int AS workers FROM pg_locks
       WHERE locktype = 'advisory' AND mode = 'ShareLock' AND classid = $1 AND objid = $2
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [LOCK_CLASS, LANES],
    )) as { workers: number }[];
    return row?.workers ?? 1;
  }
}

async function tryLock(runner: QueryRunner, lane: number): Promise<boolean> {
  const [row] = (await runner.query('SELECT pg_try_advisory_lock($1, $2) AS held', [LOCK_CLASS, lane])) as {
    held: boolean;
  }[];
  return row?.held ?? false;
}
