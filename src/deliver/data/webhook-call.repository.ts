import { Injectable } from '@nestjs/common';
import type { CallWebhook } from '../../kernel/effects.js';
import { newId, type ProjectId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import type { WebhookFailure } from '../../kernel/reasons.js';
import { Database } from '../../platform/db/database.js';
import { toRecords, toTimestamp } from './to-records.js';

export const WEBHOOK_STATES = ['queued', 'done', 'failed'] as const;
export type WebhookState = (typeof WEBHOOK_STATES)[number];

export interface WebhookCallRow {
  id: string;
  userId: string;
  origin: string;
  url: string;
  body: JsonObject;
  state: WebhookState;
  attempts: number;
  nextAttemptAt: Date;
  lastStatus: number | null;
  lastError: WebhookFailure | null;
  lastDetail: string | null;
  createdAt: Date;
  finishedAt: Date | null;
}

export interface ClaimedCall {
  id: string;
  projectId: ProjectId;
  url: string;
  body: JsonObject;
  /** Requests so far, the one about to be made included. */
  attempts: number;
}

export interface CallOutcome {
  id: string;
  attempts: number;
  state: WebhookState;
  status: number | null;
  error: WebhookFailure | null;
  detail: string | null;
  nextAttemptAt: number;
}

const COLUMNS = `id, user_id AS "userId", origin, url, body, state, attempts, next_attempt_at AS "nextAttemptAt",
  last_status AS "lastStatus", last_error AS "lastError", last_detail AS "lastDetail", created_at AS "createdAt",
  finished_at AS "finishedAt"`;

@Injectable()
export class WebhookCallRepository {
  constructor(private readonly db: Database) {}

  /** @returns ids of the calls that are new */
  async insert(calls: readonly CallWebhook[], now: number): Promise<string[]> {
    const given = calls
      .map((call) => ({ ...call, id: newId('webhookCall', now) }))
      .sort((a, b) => (a.dedupeKey < b.dedupeKey ? -1 : 1));
    const rows = await this.db.query<{ id: string }>(
      `INSERT INTO webhook_call (id, project_id, user_id, origin, url, dedupe_key, body, state, next_attempt_at, created_at)
       SELECT id, "projectId", "userId", origin, url, "dedupeKey", body, 'queued', $2, $2
       FROM jsonb_to_recordset($1::jsonb) AS c(id text, "projectId" integer, "userId" bigint, origin text, url text,
         "dedupeKey" text, body jsonb)
       ON CONFLICT ON CONSTRAINT webhook_call_dedupe_key DO NOTHING RETURNING id`,
      [toRecords(given), toTimestamp(now)],
    );
    return rows.map((row) => row.id);
  }

  /** Takes the call for one request, so that nobody else makes it before `until`; null where it is not due. */
  async claim(id: string, times: { now: number; until: number }): Promise<ClaimedCall | null> {
    const [row] = await this.db.query<ClaimedCall>(
      `UPDATE webhook_call SET attempts = attempts + 1, next_attempt_at = $3
       WHERE id = $1 AND state = 'queued' AND next_attempt_at <= $2
       RETURNING id, project_id AS "projectId", url, body, attempts`,
      // Timers round, so a job may run a little before its moment.
      [id, toTimestamp(times.now + 1_000), toTimestamp(times.until)],
    );
    return row ?? null;
  }

  async finish(outcome: CallOutcome, now: number): Promise<void> {
    await this.db.execute(
      `UPDATE webhook_call SET state = $3, last_status = $4, last_error = $5, last_detail = $6, next_attempt_at = $7,
         finished_at = CASE WHEN $3 = 'queued' THEN NULL ELSE $8::timestamptz END
       WHERE id = $1 AND attempts = $2 AND state = 'queued'`,
      [
        outcome.id,
        outcome.attempts,
        outcome.state,
        outcome.status,
        outcome.error,
        outcome.detail,
        toTimestamp(outcome.nextAttemptAt),
        toTimestamp(now),
      ],
    );
  }

  /** Finds queued calls that should have been made before `staleBefore`, and makes them due now. */
  async takeLost(times: { now: number; staleBefore: number }, limit: number): Promise<string[]> {
    const rows = await this.db.query<{ id: string }>(
      `UPDATE webhook_call SET next_attempt_at = $1 WHERE id IN (
         SELECT id FROM webhook_call WHERE state = 'queued' AND next_attempt_at < $2 ORDER BY next_attempt_at LIMIT $3
         FOR UPDATE SKIP LOCKED)
       RETURNING id`,
      [toTimestamp(times.now), toTimestamp(times.staleBefore), limit],
    );
    return rows.map((row) => row.id);
  }

  /** Newest first, behind the call `before`. */
  list(
    projectId: ProjectId,
    filter: { state: WebhookState | null; origin: string | null },
    page: { limit: number; before: string | null },
  ): Promise<WebhookCallRow[]> {
    return this.db.query<WebhookCallRow>(
      `SELECT ${COLUMNS} FROM webhook_call
       WHERE project_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR origin = $3)
         AND ($4::text IS NULL OR id < $4)
       ORDER BY id DESC LIMIT $5`,
      [projectId, filter.state, filter.origin, page.before, page.limit],
    );
  }
}
