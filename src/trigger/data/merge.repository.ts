import { Injectable } from '@nestjs/common';
import type { UserId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import type { Decision } from '../core/decision.js';
import { DecisionRepository } from './decision.repository.js';

/** Moves what triggers know of absorbed persons. */
@Injectable()
export class MergeRepository {
  constructor(
    private readonly db: Database,
    private readonly decisions: DecisionRepository,
  ) {}

  /**
   * Hands timers and decisions over. Where both persons wait in the same trigger, the timer opened first stays.
   * @param merges each absorbed person with the one that stays in the end
   */
  async handOver(merges: ReadonlyMap<UserId, UserId>, nowMs: number): Promise<void> {
    const from = [...merges.keys()];
    const into = [...merges.values()];
    await this.db.transaction(async (tx) => {
      const doubled = await tx.query<Omit<Decision, 'outcome' | 'reason' | 'causedByEventId'>>(
        `WITH merge AS (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS m (from_id, into_id)),
           ranked AS (
             SELECT t.id, coalesce(m.into_id, t.user_id) AS target, row_number() OVER (
               PARTITION BY coalesce(m.into_id, t.user_id), t.trigger_id, t.correlation ORDER BY t.opened_at, t.id
             ) AS place
             FROM trigger_timer t LEFT JOIN merge m ON m.from_id = t.user_id
             WHERE t.state = 'waiting' AND t.user_id = ANY($1::bigint[] || $2::bigint[]))
         UPDATE trigger_timer t SET state = 'cancelled', reason = 'already_waiting', settled_at = $3
         FROM ranked r WHERE t.id = r.id AND r.place > 1
         RETURNING t.trigger_id AS "triggerId", t.trigger_version AS "triggerVersion", t.project_id AS "projectId",
           r.target AS "userId", t.event_id AS "eventId"`,
        [from, into, new Date(nowMs)],
      );
      for (const table of ['trigger_timer', 'trigger_decision']) {
        await tx.execute(
          `UPDATE ${table} t SET user_id = m.into_id, original_user_id = coalesce(t.original_user_id, t.user_id)
           FROM unnest($1::bigint[], $2::bigint[]) AS m (from_id, into_id) WHERE t.user_id = m.from_id`,
          [from, into],
        );
      }
      const cancelled = doubled.map((timer) => ({
        ...timer,
        userId: Number(timer.userId),
        outcome: 'cancelled' as const,
        reason: 'already_waiting' as const,
        causedByEventId: null,
      }));
      await this.decisions.insert(tx, cancelled, nowMs);
    });
  }

  /** Undoes `handOver` for one absorbed person and all who had been merged into them before. */
  async giveBack(split: { restored: UserId; from: UserId; family: readonly UserId[] }): Promise<void> {
    await this.db.transaction(async (tx) => {
      for (const table of ['trigger_timer', 'trigger_decision']) {
        await tx.execute(
          `UPDATE ${table} SET user_id = $1 WHERE user_id = $2 AND original_user_id = ANY($3)`,
          [split.restored, split.from, split.family],
        );
      }
    });
  }
}
