import { Injectable } from '@nestjs/common';
import type { RecordEngagement } from '../../kernel/effects.js';
import type { ProjectId } from '../../kernel/ids.js';
import type { HoldReason } from '../../kernel/reasons.js';
import { Database } from '../../platform/db/database.js';
import type { MessageState } from '../contract.js';
import type { ChangedMessage } from './message.repository.js';
import { toRecords, toTimestamp } from './to-records.js';

/** A message whose user does not yet see on the timeline what became of it. */
export interface UnannouncedMessage {
  id: string;
  projectId: ProjectId;
  userId: number;
  channel: string;
  templateId: string;
  campaignId: string | null;
  origin: string;
  state: 'accepted' | 'held';
  reason: HoldReason | null;
  settledAt: Date;
}

const LOGGED = `logged AS (
  INSERT INTO message_log (message_id, at, state, reason, detail)
  SELECT id, $1::timestamptz, state, reason, detail FROM changed)`;

/** What changes messages from outside their sending: sweeps, receipts, people, stopped campaigns. */
@Injectable()
export class MessageUpkeepRepository {
  constructor(private readonly db: Database) {}

  /** Turns messages whose worker is gone into `unknown`: whether they were sent, nobody knows. */
  endLeases(now: number, limit: number): Promise<ChangedMessage[]> {
    return this.db.query<ChangedMessage>(
      `WITH changed AS (
         UPDATE message SET state = 'unknown', reason = 'worker_lost', settled_at = $1::timestamptz,
           detail = 'The worker ended between the call to the provider and its answer.'
         WHERE id IN (SELECT id FROM message WHERE state = 'sending' AND lease_until < $1::timestamptz
           ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING id, channel, state, reason, detail), ${LOGGED}
       SELECT id, channel, state, reason FROM changed`,
      [toTimestamp(now), limit],
    );
  }

  /** Finds queued messages that should have been looked at before `staleBefore`, and makes them due now. */
  takeLost(
    times: { now: number; staleBefore: number },
    limit: number,
  ): Promise<{ id: string; projectId: number }[]> {
    return this.db.query(
      `UPDATE message SET due_at = $1 WHERE id IN (
         SELECT id FROM message WHERE state = 'queued' AND due_at < $2 ORDER BY due_at LIMIT $3
         FOR UPDATE SKIP LOCKED)
       RETURNING id, project_id AS "projectId"`,
      [toTimestamp(times.now), toTimestamp(times.staleBefore), limit],
    );
  }

  /** @returns null where the message is not `unknown`, or not there */
  async settleUnknown(
    message: { projectId: ProjectId; id: string; state: 'accepted' | 'failed'; detail: string },
    now: number,
  ): Promise<ChangedMessage | null> {
    const [row] = await this.db.query<ChangedMessage>(
      `WITH changed AS (
         UPDATE message SET state = $4, reason = CASE WHEN $4 = 'failed' THEN 'settled_by_hand' END, detail = $5,
           settled_at = $1::timestamptz
         WHERE project_id = $2 AND id = $3 AND state = 'unknown'
         RETURNING id, channel, state, reason, detail), ${LOGGED}
       SELECT id, channel, state, reason FROM changed`,
      [toTimestamp(now), message.projectId, message.id, message.state, message.detail],
    );
    return row ?? null;
  }

  /** Keeps the first opening and the first click; either proves that an `unknown` message arrived. */
  async recordEngagement(engagements: readonly RecordEngagement[], now: number): Promise<ChangedMessage[]> {
    const given = engagements.map(({ projectId, messageId, engagement, at }) => ({
      projectId,
      messageId,
      engagement,
      at: toTimestamp(at),
    }));
    const rows = await this.db.query<ChangedMessage & { wasUnknown: boolean }>(
      `WITH given AS (
         SELECT "projectId" AS project_id, "messageId" AS id, min(at) AS opened_at,
           min(at) FILTER (WHERE engagement = 'clicked') AS clicked_at
         FROM jsonb_to_recordset($2::jsonb) AS g("projectId" integer, "messageId" text, engagement text,
           at timestamptz)
         GROUP BY 1, 2),
       before AS (
         SELECT m.id, m.state FROM message m JOIN given g ON m.id = g.id AND m.project_id = g.project_id
         ORDER BY m.id FOR UPDATE OF m),
       engaged AS (
         UPDATE message m SET opened_at = COALESCE(m.opened_at, g.opened_at),
           clicked_at = COALESCE(m.clicked_at, g.clicked_at),
           state = CASE WHEN m.state = 'unknown' THEN 'accepted' ELSE m.state END,
           reason = CASE WHEN m.state = 'unknown' THEN NULL ELSE m.reason END,
           detail = CASE WHEN m.state = 'unknown' THEN 'Settled by an opening or a click.' ELSE m.detail END
         FROM given g JOIN before b ON b.id = g.id
         WHERE m.id = g.id
         RETURNING m.id, m.channel, m.state, m.reason, m.detail, b.state = 'unknown' AS "wasUnknown"),
       changed AS (SELECT * FROM engaged WHERE "wasUnknown"), ${LOGGED}
       SELECT id, channel, state, reason FROM changed`,
      [toTimestamp(now), toRecords(given)],
    );
    return rows;
  }

  /** @returns how many messages of the campaign were held, by channel */
  async holdUnsent(
    campaign: { projectId: ProjectId; campaignId: string; reason: HoldReason },
    now: number,
  ): Promise<{ channel: string; count: number }[]> {
    return this.db.query(
      `WITH changed AS (
         UPDATE message SET state = 'held', reason = $4, detail = NULL, settled_at = $1::timestamptz
         WHERE id IN (SELECT id FROM message WHERE project_id = $2 AND campaign_id = $3
           AND state IN ('planned', 'queued') ORDER BY id FOR UPDATE)
         RETURNING id, channel, state, reason, detail), ${LOGGED}
       SELECT channel, count(*)::integer AS count FROM changed GROUP BY channel`,
      [toTimestamp(now), campaign.projectId, campaign.campaignId, campaign.reason],
    );
  }

  findUnannounced(ids: readonly string[]): Promise<UnannouncedMessage[]> {
    return this.queryUnannounced('id = ANY($1)', [ids]);
  }

  findUnannouncedBefore(before: number, limit: number): Promise<UnannouncedMessage[]> {
    return this.queryUnannounced('settled_at < $1 ORDER BY settled_at LIMIT $2', [
      toTimestamp(before),
      limit,
    ]);
  }

  async markAnnounced(ids: readonly string[], now: number): Promise<void> {
    await this.db.execute('UPDATE message SET announced_at = $2 WHERE id = ANY($1)', [ids, toTimestamp(now)]);
  }

  /** A channel named by messages still to be sent, or by settings, that is none of `known`; null where all are. */
  async findUnknownChannel(known: readonly string[]): Promise<string | null> {
    const open: MessageState[] = ['planned', 'queued'];
    const [row] = await this.db.query<{ channel: string }>(
      `(SELECT channel FROM message WHERE state = ANY($2) AND channel <> ALL($1) LIMIT 1)
       UNION ALL
       (SELECT channel FROM channel_setting WHERE channel <> ALL($1) LIMIT 1)`,
      [known, open],
    );
    return row?.channel ?? null;
  }

  private async queryUnannounced(where: string, params: readonly unknown[]): Promise<UnannouncedMessage[]> {
    const rows = await this.db.query<UnannouncedMessage>(
      `SELECT id, project_id AS "projectId", user_id AS "userId", channel, template_id AS "templateId",
         campaign_id AS "campaignId", origin, state, reason, settled_at AS "settledAt"
       FROM message WHERE announced_at IS NULL AND state IN ('accepted', 'held') AND ${where}`,
      params,
    );
    return rows.map((row) => ({ ...row, userId: Number(row.userId) }));
  }
}
