import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/db/database.js';

/** What is kept of runs. */
export interface RetentionRule {
  /** Members of runs that finished before it, ms since 1970, are dropped … */
  finishedBefore: number;
  /** … but never those of the latest finished runs of each segment. */
  keepLatest: number;
}

/** Finds the runs whose members nobody needs any more. */
@Injectable()
export class RunRetentionRepository {
  constructor(private readonly db: Database) {}

  /**
   * Says of old runs that their members are dropped, before they are: a list that is read meanwhile is refused, never
   * cut short. Runs that failed or were cancelled have no members, but attempts at them may have left some.
   * @returns the ids of the runs, those of a drop that was not confirmed among them
   */
  async markDropped(rule: RetentionRule, page: { nowMs: number; limit: number }): Promise<string[]> {
    const rows = await this.db.query<{ id: string }>(
      `UPDATE segment_run SET members_dropped_at = $3 WHERE id IN (
         SELECT id FROM segment_run AS run
         WHERE members_dropped_at IS NULL AND finished_at < $1 AND state = 'done' AND id NOT IN (
           SELECT id FROM segment_run AS latest
           WHERE latest.segment_id = run.segment_id AND latest.state = 'done' ORDER BY as_of DESC LIMIT $2
         )
         ORDER BY finished_at LIMIT $4
       ) RETURNING id`,
      [new Date(rule.finishedBefore), rule.keepLatest, new Date(page.nowMs), page.limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Runs that ended without members, or whose members were said to be dropped, since a moment. */
  async findWithoutMembers(sinceMs: number): Promise<string[]> {
    const rows = await this.db.query<{ id: string }>(
      `SELECT id FROM segment_run
       WHERE members_dropped_at >= $1 OR (state IN ('failed', 'cancelled') AND finished_at >= $1 AND attempts > 0)`,
      [new Date(sinceMs)],
    );
    return rows.map(({ id }) => id);
  }
}
