import { Injectable } from '@nestjs/common';
import { newId, type ProjectId, type UserId } from '../../kernel/ids.js';
import type { NoFireReason } from '../../kernel/reasons.js';
import { Database, type Sql } from '../../platform/db/database.js';
import { dealKey, type OpenedTimer, type TimerState, type WaitingTimer } from '../core/decision.js';
import type { TriggerRule } from '../core/rule.js';
import type { TriggerState } from '../core/settle-timer.js';
import type { TriggerEvent } from '../core/trigger-event.js';

export interface TimerRow {
  id: string;
  triggerVersion: number;
  userId: UserId;
  eventId: string;
  openedAt: Date;
  dueAt: Date;
  state: TimerState;
  reason: NoFireReason | null;
  settledAt: Date | null;
}

export interface ClaimedTimer {
  id: string;
  triggerId: string;
  triggerVersion: number;
  triggerName: string;
  triggerState: TriggerState;
  projectId: ProjectId;
  userId: UserId;
  eventId: string;
  dueAt: Date;
  event: TriggerEvent;
  rule: TriggerRule;
}

export interface SettledTimer {
  id: string;
  state: 'fired' | 'cancelled';
  reason: NoFireReason | null;
}

/** Timers of "A and then not B": their rows are the truth, whatever becomes of the jobs that wake them. */
@Injectable()
export class TimerRepository {
  constructor(private readonly db: Database) {}

  /** Timers of these users that are not settled yet. */
  async unsettled(tx: Sql, userIds: readonly UserId[]): Promise<(WaitingTimer & { state: TimerState })[]> {
    const rows = await tx.query<
      Omit<WaitingTimer, 'dueAt'> & { userId: string; dueAt: Date; state: TimerState }
    >(
      `SELECT trigger_id AS "triggerId", trigger_version AS "triggerVersion", user_id AS "userId",
         event_id AS "eventId", correlation, due_at AS "dueAt", state
       FROM trigger_timer WHERE user_id = ANY($1) AND state IN ('waiting', 'due') ORDER BY opened_at, id`,
      [userIds],
    );
    return rows.map((row) => ({ ...row, userId: Number(row.userId), dueAt: row.dueAt.getTime() }));
  }

  /**
   * Writes timers; where a trigger already waits for a user or knows the event, the row there stays.
   * @returns the `dealKey`s of those that were written
   */
  async insert(tx: Sql, timers: readonly OpenedTimer[], nowMs: number): Promise<Set<string>> {
    if (timers.length === 0) return new Set();
    const rows = timers.map((timer) => ({
      ...timer,
      id: newId('timer', nowMs),
      openedAt: new Date(timer.openedAt),
      dueAt: new Date(timer.dueAt),
      settledAt: timer.state === 'cancelled' ? new Date(nowMs) : null,
    }));
    const written = await tx.query<{ triggerId: string; eventId: string }>(
      `INSERT INTO trigger_timer (id, trigger_id, trigger_version, project_id, user_id, event_id, correlation,
         opened_at, due_at, state, reason, settled_at, event)
       SELECT id, "triggerId", "triggerVersion", "projectId", "userId", "eventId", correlation,
         "openedAt", "dueAt", state, reason, "settledAt", event
       FROM jsonb_to_recordset($1::jsonb) AS t (
         id text, "triggerId" text, "triggerVersion" integer, "projectId" integer, "userId" bigint, "eventId" text,
         correlation text, "openedAt" timestamptz, "dueAt" timestamptz, state text, reason text,
         "settledAt" timestamptz, event jsonb)
       ON CONFLICT DO NOTHING
       RETURNING trigger_id AS "triggerId", event_id AS "eventId"`,
      [JSON.stringify(rows)],
    );
    return new Set(written.map(({ triggerId, eventId }) => dealKey(triggerId, eventId)));
  }

  /**
   * Ends waiting timers, or marks those whose time is up as `due`.
   * @returns the `dealKey`s of those that were still waiting
   */
  async leaveWaiting(
    tx: Sql,
    timers: readonly WaitingTimer[],
    to: { state: 'due' } | { state: 'cancelled'; reason: NoFireReason; settledAt: number },
  ): Promise<Set<string>> {
    if (timers.length === 0) return new Set();
    const isEnd = to.state === 'cancelled';
    const rows = await tx.query<{ triggerId: string; eventId: string }>(
      `UPDATE trigger_timer t SET state = $3, reason = $4, settled_at = $5
       FROM unnest($1::text[], $2::text[]) AS w (trigger_id, event_id)
       WHERE t.trigger_id = w.trigger_id AND t.event_id = w.event_id AND t.state = 'waiting'
       RETURNING t.trigger_id AS "triggerId", t.event_id AS "eventId"`,
      [
        timers.map(({ triggerId }) => triggerId),
        timers.map(({ eventId }) => eventId),
        to.state,
        isEnd ? to.reason : null,
        isEnd ? new Date(to.settledAt) : null,
      ],
    );
    return new Set(rows.map(({ triggerId, eventId }) => dealKey(triggerId, eventId)));
  }

  /**
   * Takes due timers for this transaction; other workers pass over them. Of several timers of one trigger and user
   * only the first is taken, so that the next one sees whether it fired.
   */
  async claimDue(tx: Sql, until: number, limit: number): Promise<ClaimedTimer[]> {
    const rows = await tx.query<ClaimedTimer & { userId: string }>(
      `SELECT t.id, t.trigger_id AS "triggerId", t.trigger_version AS "triggerVersion", g.name AS "triggerName",
         g.state AS "triggerState", t.project_id AS "projectId", t.user_id AS "userId", t.event_id AS "eventId",
         t.due_at AS "dueAt", t.event, v.rule
       FROM trigger_timer t
         JOIN trigger g ON g.id = t.trigger_id
         JOIN trigger_version v ON v.trigger_id = t.trigger_id AND v.version = t.trigger_version
       WHERE t.settled_at IS NULL AND t.due_at <= $1 AND NOT EXISTS (
         SELECT 1 FROM trigger_timer e
         WHERE e.user_id = t.user_id AND e.trigger_id = t.trigger_id AND e.settled_at IS NULL
           AND (e.due_at, e.id) < (t.due_at, t.id))
       ORDER BY t.due_at LIMIT $2 FOR UPDATE OF t SKIP LOCKED`,
      [new Date(until), limit],
    );
    return rows.map((row) => ({ ...row, userId: Number(row.userId) }));
  }

  async settle(tx: Sql, timers: readonly SettledTimer[], settledAt: number): Promise<void> {
    await tx.execute(
      `UPDATE trigger_timer t SET state = s.state, reason = s.reason, settled_at = $4
       FROM unnest($1::text[], $2::text[], $3::text[]) AS s (id, state, reason) WHERE t.id = s.id`,
      [
        timers.map(({ id }) => id),
        timers.map(({ state }) => state),
        timers.map(({ reason }) => reason),
        new Date(settledAt),
      ],
    );
  }

  /** Whether any timer that is due at `nowMs` is not settled. */
  async isAnyDue(nowMs: number): Promise<boolean> {
    const rows = await this.db.query(
      'SELECT 1 FROM trigger_timer WHERE settled_at IS NULL AND due_at <= $1 LIMIT 1',
      [new Date(nowMs)],
    );
    return rows.length > 0;
  }

  /** Newest first, behind `before`. */
  async list(
    triggerId: string,
    page: { userId: UserId | null; state: TimerState | null; before: string | null; limit: number },
  ): Promise<TimerRow[]> {
    const rows = await this.db.query<TimerRow>(
      `SELECT id, trigger_version AS "triggerVersion", user_id AS "userId", event_id AS "eventId",
         opened_at AS "openedAt", due_at AS "dueAt", state, reason, settled_at AS "settledAt"
       FROM trigger_timer
       WHERE trigger_id = $1 AND ($2::bigint IS NULL OR user_id = $2) AND ($3::text IS NULL OR state = $3)
         AND ($4::text IS NULL OR id < $4)
       ORDER BY id DESC LIMIT $5`,
      [triggerId, page.userId, page.state, page.before, page.limit],
    );
    return rows.map((row) => ({ ...row, userId: Number(row.userId) }));
  }

  /** Deletes timers settled before `before`; ids sort by time, so the primary key finds them. */
  async prune(before: number): Promise<void> {
    await this.db.execute('DELETE FROM trigger_timer WHERE id < $1 AND settled_at < $2', [
      newId('timer', before),
      new Date(before),
    ]);
  }
}
