import { Injectable } from '@nestjs/common';
import { newId, type ProjectId, type UserId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import type { HoldReason } from '../../kernel/reasons.js';
import { Database } from '../../platform/db/database.js';
import type { MessageCounts, MessageState } from '../contract.js';

export interface MessageRow {
  id: string;
  userId: string;
  channel: string;
  address: string;
  templateId: string;
  templateVersion: number;
  campaignId: string | null;
  planRunId: string | null;
  origin: string;
  variables: JsonObject;
  state: MessageState;
  reason: string | null;
  detail: string | null;
  isPermanent: boolean | null;
  attempts: number;
  providerMessageId: string | null;
  sendAt: Date;
  plannedAt: Date;
  queuedAt: Date | null;
  sendingAt: Date | null;
  settledAt: Date | null;
  openedAt: Date | null;
  clickedAt: Date | null;
}

export interface MessageLogRow {
  at: Date;
  state: MessageState;
  reason: string | null;
  detail: string | null;
}

export interface MessageFilter {
  campaignId: string | null;
  userId: UserId | null;
  state: MessageState | null;
  reason: string | null;
}

const COLUMNS = `id, user_id AS "userId", channel, address, template_id AS "templateId",
  template_version AS "templateVersion", campaign_id AS "campaignId", plan_run_id AS "planRunId", origin, variables,
  state, reason, detail, is_permanent AS "isPermanent", attempts, provider_message_id AS "providerMessageId",
  send_at AS "sendAt", planned_at AS "plannedAt", queued_at AS "queuedAt", sending_at AS "sendingAt",
  settled_at AS "settledAt", opened_at AS "openedAt", clicked_at AS "clickedAt"`;

/** What people and reports ask the send ledger. */
@Injectable()
export class MessageQueryRepository {
  constructor(private readonly db: Database) {}

  /** Newest first, behind the message `before`. */
  list(
    projectId: ProjectId,
    filter: MessageFilter,
    page: { limit: number; before: string | null },
  ): Promise<MessageRow[]> {
    return this.db.query<MessageRow>(
      `SELECT ${COLUMNS} FROM message
       WHERE project_id = $1 AND ($2::text IS NULL OR campaign_id = $2) AND ($3::bigint IS NULL OR user_id = $3)
         AND ($4::text IS NULL OR state = $4) AND ($5::text IS NULL OR reason = $5) AND ($6::text IS NULL OR id < $6)
       ORDER BY id DESC LIMIT $7`,
      [projectId, filter.campaignId, filter.userId, filter.state, filter.reason, page.before, page.limit],
    );
  }

  async find(projectId: ProjectId, id: string): Promise<MessageRow | null> {
    const [row] = await this.db.query<MessageRow>(
      `SELECT ${COLUMNS} FROM message WHERE project_id = $1 AND id = $2`,
      [projectId, id],
    );
    return row ?? null;
  }

  logOf(id: string): Promise<MessageLogRow[]> {
    return this.db.query<MessageLogRow>(
      'SELECT at, state, reason, detail FROM message_log WHERE message_id = $1 ORDER BY id',
      [id],
    );
  }

  async countsOfCampaign(projectId: ProjectId, campaignId: string): Promise<MessageCounts> {
    return toCounts(
      await this.db.query<CountRow>(
        `SELECT ${COUNTED} FROM message WHERE project_id = $1 AND campaign_id = $2 GROUP BY 1, 2`,
        [projectId, campaignId],
      ),
    );
  }

  async countsOfProject(projectId: ProjectId, since: number): Promise<MessageCounts> {
    return toCounts(
      await this.db.query<CountRow>(
        `SELECT ${COUNTED} FROM message WHERE project_id = $1 AND id >= $2 AND planned_at >= $3 GROUP BY 1, 2`,
        // Ids sort by time: with the project they are the index, and a minute is more than clocks differ.
        [projectId, newId('message', since - 60_000), new Date(since)],
      ),
    );
  }
}

interface CountRow {
  state: MessageState;
  reason: HoldReason | null;
  count: number;
  opened: number;
  clicked: number;
}

const COUNTED = `state, CASE WHEN state = 'held' THEN reason END AS reason, count(*)::integer AS count,
  count(opened_at)::integer AS opened, count(clicked_at)::integer AS clicked`;

function toCounts(rows: readonly CountRow[]): MessageCounts {
  const counts: MessageCounts = { byState: {}, heldByReason: {}, opened: 0, clicked: 0 };
  for (const row of rows) {
    counts.byState[row.state] = (counts.byState[row.state] ?? 0) + row.count;
    if (row.reason !== null) counts.heldByReason[row.reason] = row.count;
    counts.opened += row.opened;
    counts.clicked += row.clicked;
  }
  return counts;
}
