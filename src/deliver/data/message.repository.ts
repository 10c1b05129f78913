import { Injectable } from '@nestjs/common';
import { NO_USER, type ProjectId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import type { HoldReason } from '../../kernel/reasons.js';
import type { Sql } from '../../platform/db/database.js';
import type { LedgerMessage, MessageState } from '../contract.js';
import type { QueuedMessage } from '../core/decide-reservation.js';
import { toRecords, toTimestamp } from './to-records.js';

/** A row of the ledger as it is planned. Times are ms since 1970. */
export interface NewMessage extends Omit<LedgerMessage, 'state'> {
  dedupeKey: string;
  frequencyCap: { limit: number; windowMs: number } | null;
  state: 'queued' | 'held';
  reason: HoldReason | null;
  detail: string | null;
  sendAt: number;
}

/** A message that this process may hand to its channel until the lease ends. */
export interface ReservedMessage extends LedgerMessage {
  /** Tries so far, this one included. */
  attempts: number;
  leaseUntil: number;
}

/** The new state of a reserved message; `countsAsAttempt` false gives the try back. */
export interface StateChange {
  id: string;
  leaseUntil: number;
  state: MessageState;
  reason: string | null;
  detail: string | null;
  isPermanent: boolean | null;
  providerMessageId: string | null;
  dueAt: number | null;
  countsAsAttempt: boolean;
}

export interface ChangedMessage {
  id: string;
  channel: string;
  state: MessageState;
  reason: string | null;
}

interface DueRow {
  id: string;
  user_id: string;
  channel: string;
  address: string;
  frequency_limit: number | null;
  frequency_window_ms: string | null;
}

interface ReservedRow {
  id: string;
  project_id: number;
  user_id: string;
  channel: string;
  address: string;
  template_id: string;
  template_version: number;
  campaign_id: string | null;
  plan_run_id: string | null;
  origin: string;
  variables: JsonObject;
  attempts: number;
}

const LOGGED = `logged AS (
  INSERT INTO message_log (message_id, at, state, reason, detail)
  SELECT id, $2::timestamptz, state, reason, detail FROM changed)`;

/** A job may run this much before its messages are due: clocks and timers round. */
const EARLY_MS = 1_000;

/** What the send ledger writes; each statement that changes a state also writes the message's history. */
@Injectable()
export class MessageRepository {
  /** @returns ids of the rows that are new */
  async insert(sql: Sql, messages: readonly NewMessage[], now: number): Promise<Set<string>> {
    // One order for everybody: two plans with the same keys then wait for each other instead of deadlocking.
    const sorted = [...messages].sort((a, b) => (a.dedupeKey < b.dedupeKey ? -1 : 1));
    const rows = await sql.query<{ id: string }>(
      `WITH changed AS (
         INSERT INTO message (id, project_id, user_id, channel, address, template_id, template_version,
           campaign_id, plan_run_id, origin, dedupe_key, variables, frequency_limit, frequency_window_ms,
           state, reason, detail, send_at, due_at, planned_at, queued_at, settled_at)
         SELECT id, "projectId", "userId", channel, address, "templateId", "templateVersion", "campaignId",
           "planRunId", origin, "dedupeKey", variables, ("frequencyCap"->>'limit')::integer,
           ("frequencyCap"->>'windowMs')::bigint, state, reason, detail,
           "sendAt", "sendAt", $2::timestamptz,
           CASE WHEN state = 'queued' THEN $2::timestamptz END, CASE WHEN state = 'held' THEN $2::timestamptz END
         FROM jsonb_to_recordset($1::jsonb) AS m(id text, "projectId" integer, "userId" bigint, channel text,
           address text, "templateId" text, "templateVersion" integer, "campaignId" text, "planRunId" text,
           origin text, "dedupeKey" text, variables jsonb, "frequencyCap" jsonb, state text, reason text,
           detail text, "sendAt" timestamptz)
         ON CONFLICT ON CONSTRAINT message_dedupe_key DO NOTHING
         RETURNING id, state, reason, detail), ${LOGGED}
       SELECT id FROM changed`,
      [
        toRecords(sorted.map((message) => ({ ...message, sendAt: toTimestamp(message.sendAt) }))),
        toTimestamp(now),
      ],
    );
    return new Set(rows.map((row) => row.id));
  }

  /** Locks those of the messages that are queued and due, against every other worker. */
  async lockDue(
    tx: Sql,
    batch: { projectId: ProjectId; ids: readonly string[]; now: number },
  ): Promise<QueuedMessage[]> {
    const rows = await tx.query<DueRow>(
      `SELECT id, user_id, channel, address, frequency_limit, frequency_window_ms FROM message
       WHERE id = ANY($1) AND project_id = $2 AND state = 'queued' AND due_at <= $3
       ORDER BY id FOR UPDATE`,
      [batch.ids, batch.projectId, toTimestamp(batch.now + EARLY_MS)],
    );
    return rows.map((row) => ({
      id: row.id,
      userId: Number(row.user_id),
      channel: row.channel,
      address: row.address,
      frequencyCap:
        row.frequency_limit === null
          ? null
          : { limit: row.frequency_limit, windowMs: Number(row.frequency_window_ms) },
    }));
  }

  /** Until the transaction ends nobody else reserves a message for these users on these channels. */
  async lockRecipients(tx: Sql, projectId: ProjectId, messages: readonly QueuedMessage[]): Promise<void> {
    const recipients = messages
      .filter(({ userId }) => userId !== NO_USER)
      .map(({ userId, channel }) => `recipient ${projectId} ${userId} ${channel}`);
    await tx.query(
      `SELECT pg_advisory_xact_lock(key) FROM (
         SELECT DISTINCT hashtextextended(recipient, 0) AS key FROM unnest($1::text[]) AS r(recipient)
         ORDER BY key) AS keys`,
      [recipients],
    );
  }

  /** How many messages count against the cap of each message that has one. */
  async countSentInWindow(
    tx: Sql,
    batch: { projectId: ProjectId; messages: readonly QueuedMessage[]; now: number },
  ): Promise<Map<string, number>> {
    const capped = batch.messages.flatMap((message) =>
      message.frequencyCap === null
        ? []
        : [
            {
              id: message.id,
              userId: message.userId,
              channel: message.channel,
              since: toTimestamp(batch.now - message.frequencyCap.windowMs),
            },
          ],
    );
    if (capped.length === 0) return new Map();
    const rows = await tx.query<{ id: string; sent: string }>(
      `SELECT g.id, (SELECT count(*) FROM message m
         WHERE m.project_id = $2 AND m.user_id = g."userId" AND m.channel = g.channel AND m.sending_at > g.since
           AND m.state IN ('sending', 'accepted', 'unknown')) AS sent
       FROM jsonb_to_recordset($1::jsonb) AS g(id text, "userId" bigint, channel text, since timestamptz)`,
      [toRecords(capped), batch.projectId],
    );
    return new Map(rows.map((row) => [row.id, Number(row.sent)]));
  }

  async markSending(
    tx: Sql,
    ids: readonly string[],
    times: { now: number; leaseUntil: number },
  ): Promise<ReservedMessage[]> {
    const rows = await tx.query<ReservedRow>(
      `WITH changed AS (
         UPDATE message SET state = 'sending', reason = NULL, detail = NULL, attempts = attempts + 1,
           sending_at = $2::timestamptz, lease_until = $3
         WHERE id = ANY($1) RETURNING *), ${LOGGED}
       SELECT * FROM changed ORDER BY id`,
      [ids, toTimestamp(times.now), toTimestamp(times.leaseUntil)],
    );
    return rows.map((row) => toReserved(row, times.leaseUntil));
  }

  async markHeld(
    tx: Sql,
    held: readonly { id: string; reason: HoldReason; detail: string }[],
    now: number,
  ): Promise<ChangedMessage[]> {
    return tx.query<ChangedMessage>(
      `WITH changed AS (
         UPDATE message m SET state = 'held', reason = g.reason, detail = g.detail, settled_at = $2::timestamptz
         FROM jsonb_to_recordset($1::jsonb) AS g(id text, reason text, detail text)
         WHERE m.id = g.id RETURNING m.id, m.channel, m.state, m.reason, m.detail), ${LOGGED}
       SELECT id, channel, state, reason FROM changed`,
      [toRecords(held), toTimestamp(now)],
    );
  }

  /**
   * Writes what became of reserved messages. A row that was reserved anew or settled by hand in between stays
   * as it is; one that a sweep has called `unknown` takes the better knowledge.
   */
  async settle(sql: Sql, changes: readonly StateChange[], now: number): Promise<ChangedMessage[]> {
    return sql.query<ChangedMessage>(
      `WITH changed AS (
         UPDATE message m SET state = g.state, reason = g.reason, detail = g.detail, is_permanent = g."isPermanent",
           provider_message_id = COALESCE(g."providerMessageId", m.provider_message_id),
           due_at = COALESCE(g."dueAt", m.due_at),
           attempts = m.attempts - CASE WHEN g."countsAsAttempt" THEN 0 ELSE 1 END,
           queued_at = CASE WHEN g.state = 'queued' THEN $2::timestamptz ELSE m.queued_at END,
           settled_at = CASE WHEN g.state = 'queued' THEN NULL ELSE $2::timestamptz END
         FROM jsonb_to_recordset($1::jsonb) AS g(id text, "leaseUntil" timestamptz, state text, reason text,
           detail text, "isPermanent" boolean, "providerMessageId" text, "dueAt" timestamptz,
           "countsAsAttempt" boolean)
         WHERE m.id = g.id AND m.lease_until = g."leaseUntil" AND m.state IN ('sending', 'unknown')
         RETURNING m.id, m.channel, m.state, m.reason, m.detail), ${LOGGED}
       SELECT id, channel, state, reason FROM changed`,
      [
        toRecords(
          changes.map((change) => ({
            ...change,
            leaseUntil: toTimestamp(change.leaseUntil),
            dueAt: change.dueAt === null ? null : toTimestamp(change.dueAt),
          })),
        ),
        toTimestamp(now),
      ],
    );
  }
}

function toReserved(row: ReservedRow, leaseUntil: number): ReservedMessage {
  return {
    id: row.id,
    projectId: row.project_id,
    userId: Number(row.user_id),
    channel: row.channel,
    address: row.address,
    templateId: row.template_id,
    templateVersion: row.template_version,
    campaignId: row.campaign_id,
    planRunId: row.plan_run_id,
    origin: row.origin,
    variables: row.variables,
    state: 'sending',
    attempts: row.attempts,
    leaseUntil,
  };
}
