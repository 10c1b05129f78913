import { Injectable } from '@nestjs/common';
import { newId, type UserId } from '../../kernel/ids.js';
import type { NoFireReason } from '../../kernel/reasons.js';
import { Database, type Sql } from '../../platform/db/database.js';
import { type Decision, type DecisionOutcome, userKey } from '../core/decision.js';

export interface DecisionRow {
  id: string;
  triggerVersion: number;
  userId: UserId;
  eventId: string;
  at: Date;
  outcome: DecisionOutcome;
  reason: NoFireReason | null;
  causedByEventId: string | null;
}

export type PriorDecision = Pick<Decision, 'triggerId' | 'triggerVersion' | 'userId' | 'eventId' | 'outcome'>;

const PRUNE_BATCH = 10_000;

/** The decision trace. */
@Injectable()
export class DecisionRepository {
  constructor(private readonly db: Database) {}

  /** Writes decisions; one that is there already stays as it is. */
  async insert(tx: Sql, decisions: readonly Decision[], nowMs: number): Promise<void> {
    if (decisions.length === 0) return;
    const rows = decisions.map((decision) => ({ id: newId('decision', nowMs), ...decision }));
    await tx.execute(
      `INSERT INTO trigger_decision
         (id, project_id, trigger_id, trigger_version, user_id, event_id, at, outcome, reason, caused_by_event_id)
       SELECT id, "projectId", "triggerId", "triggerVersion", "userId", "eventId", $2, outcome, reason, "causedByEventId"
       FROM jsonb_to_recordset($1::jsonb) AS d (
         id text, "projectId" integer, "triggerId" text, "triggerVersion" integer, "userId" bigint, "eventId" text,
         outcome text, reason text, "causedByEventId" text)
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(rows), new Date(nowMs)],
    );
  }

  /** What was decided about these events before. */
  async ofEvents(tx: Sql, eventIds: readonly string[]): Promise<PriorDecision[]> {
    const rows = await tx.query<PriorDecision>(
      `SELECT trigger_id AS "triggerId", trigger_version AS "triggerVersion", user_id AS "userId",
         event_id AS "eventId", outcome
       FROM trigger_decision WHERE event_id = ANY($1) ORDER BY trigger_id, id`,
      [eventIds],
    );
    return rows.map((row) => ({ ...row, userId: Number(row.userId) }));
  }

  /** By `userKey`: when these triggers last fired for these users, ms since 1970. */
  async lastFiredAt(
    tx: Sql,
    pairs: readonly { triggerId: string; userId: UserId }[],
  ): Promise<Map<string, number>> {
    if (pairs.length === 0) return new Map();
    const rows = await tx.query<{ triggerId: string; userId: string; at: Date }>(
      `SELECT d.trigger_id AS "triggerId", d.user_id AS "userId", max(d.at) AS at
       FROM unnest($1::bigint[], $2::text[]) AS p (user_id, trigger_id)
         JOIN trigger_decision d ON d.user_id = p.user_id AND d.trigger_id = p.trigger_id AND d.outcome = 'fired'
       GROUP BY 1, 2`,
      [pairs.map(({ userId }) => userId), pairs.map(({ triggerId }) => triggerId)],
    );
    return new Map(
      rows.map(({ triggerId, userId, at }) => [userKey(triggerId, Number(userId)), at.getTime()]),
    );
  }

  /** Newest first, behind `before`. */
  async list(
    triggerId: string,
    page: { userId: UserId | null; outcome: DecisionOutcome | null; before: string | null; limit: number },
  ): Promise<DecisionRow[]> {
    const rows = await this.db.query<DecisionRow>(
      `SELECT id, trigger_version AS "triggerVersion", user_id AS "userId", event_id AS "eventId", at, outcome, reason,
         caused_by_event_id AS "causedByEventId"
       FROM trigger_decision
       WHERE trigger_id = $1 AND ($2::bigint IS NULL OR user_id = $2) AND ($3::text IS NULL OR outcome = $3)
         AND ($4::text IS NULL OR id < $4)
       ORDER BY id DESC LIMIT $5`,
      [triggerId, page.userId, page.outcome, page.before, page.limit],
    );
    return rows.map((row) => ({ ...row, userId: Number(row.userId) }));
  }

  /** Ids sort by time, so the primary key finds what is old. */
  async prune(outcomes: readonly DecisionOutcome[], before: number): Promise<void> {
    let deleted: number;
    do {
      deleted = await this.db.execute(
        `DELETE FROM trigger_decision WHERE id IN (
           SELECT id FROM trigger_decision WHERE id < $1 AND outcome = ANY($2) ORDER BY id LIMIT ${PRUNE_BATCH})`,
        [newId('decision', before), outcomes],
      );
    } while (deleted === PRUNE_BATCH);
  }
}
