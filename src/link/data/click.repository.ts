import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/db/database.js';
import type { LinkState } from '../core/decide-click.js';
import type { RecipientClick } from '../core/engagement-effects.js';

/** A visit to be written. */
export interface NewVisit {
  code: string;
  at: number;
  isBot: boolean;
  isScan: boolean;
  ipHash: string;
  userAgent: string;
  referrer: string;
}

export interface VisitedLink {
  state: LinkState;
  targetUrl: string;
  /** Null where nothing was written: the link leads nowhere any more. */
  clickId: number | null;
  /** Set where the link was made for a recipient. */
  recipient: Omit<RecipientClick, 'clickId' | 'clickedAt' | 'targetUrl'> | null;
}

interface RawVisit {
  linkId: string;
  projectId: number;
  targetUrl: string;
  userId: string | null;
  messageId: string | null;
  campaignId: string | null;
  isDisabled: boolean;
  expiresAt: Date | null;
  maxClicks: number | null;
  clickCount: string;
  clickId: string | null;
}

/**
 * One round trip for one click: finds the link, takes a place under its limit, and writes the click.
 * The limit stands in the UPDATE's own condition, which PostgreSQL checks again on the newest version of the row when
 * it had to wait for another click. A bot's visit takes no place.
 */
const RECORD_VISIT = `
  WITH found AS (
    SELECT * FROM link WHERE lookup_key = $1 OR (lookup_key = $2 AND is_custom)
    ORDER BY lookup_key = $1 DESC LIMIT 1
  ), counted AS (
    UPDATE link SET click_count = link.click_count + 1 FROM found
    WHERE link.id = found.id AND NOT $4::boolean AND NOT link.is_disabled
      AND (link.expires_at IS NULL OR link.expires_at > $3)
      AND (link.max_clicks IS NULL OR link.click_count < link.max_clicks)
    RETURNING link.id
  ), clicked AS (
    INSERT INTO link_click (link_id, project_id, clicked_at, is_bot, is_scan, is_pending, ip_hash, user_agent, referrer)
    SELECT found.id, found.project_id, $3, $4, $5, NOT $4 AND found.message_id IS NOT NULL, $6, $7, $8 FROM found
    WHERE EXISTS (SELECT 1 FROM counted) OR ($4 AND NOT found.is_disabled
      AND (found.expires_at IS NULL OR found.expires_at > $3)
      AND (found.max_clicks IS NULL OR found.click_count < found.max_clicks))
    RETURNING id
  )
  SELECT found.id AS "linkId", found.project_id AS "projectId", found.target_url AS "targetUrl",
    found.user_id AS "userId", found.message_id AS "messageId", found.campaign_id AS "campaignId",
    found.is_disabled AS "isDisabled", found.expires_at AS "expiresAt", found.max_clicks AS "maxClicks",
    found.click_count AS "clickCount", (SELECT id FROM clicked) AS "clickId"
  FROM found`;

@Injectable()
export class ClickRepository {
  constructor(private readonly db: Database) {}

  /** @returns null where there is no such link */
  async recordVisit(visit: NewVisit): Promise<VisitedLink | null> {
    const [row] = await this.db.query<RawVisit>(RECORD_VISIT, [
      visit.code,
      visit.code.toLowerCase(),
      new Date(visit.at),
      visit.isBot,
      visit.isScan,
      visit.ipHash,
      visit.userAgent,
      visit.referrer,
    ]);
    return row ? toVisitedLink(row) : null;
  }

  /** Recipients' clicks whose effects nobody handed over, oldest first. */
  async findPending(before: number, limit: number): Promise<RecipientClick[]> {
    const rows = await this.db.query<Omit<RawVisit, 'clickId'> & { clickId: string; clickedAt: Date }>(
      `SELECT c.id AS "clickId", c.clicked_at AS "clickedAt", l.id AS "linkId", l.project_id AS "projectId",
         l.target_url AS "targetUrl", l.user_id AS "userId", l.message_id AS "messageId", l.campaign_id AS "campaignId"
       FROM link_click c JOIN link l ON l.id = c.link_id
       WHERE c.is_pending AND c.clicked_at < $1 ORDER BY c.id LIMIT $2`,
      [new Date(before), limit],
    );
    return rows.flatMap((row) => {
      const recipient = toRecipient(row);
      return recipient === null
        ? []
        : [
            {
              ...recipient,
              clickId: Number(row.clickId),
              clickedAt: row.clickedAt.getTime(),
              targetUrl: row.targetUrl,
            },
          ];
    });
  }

  async settle(clickIds: readonly number[]): Promise<void> {
    await this.db.execute('UPDATE link_click SET is_pending = false WHERE id = ANY($1::bigint[])', [
      clickIds,
    ]);
  }
}

function toVisitedLink(row: RawVisit): VisitedLink {
  return {
    state: {
      isDisabled: row.isDisabled,
      expiresAt: row.expiresAt?.getTime() ?? null,
      maxClicks: row.maxClicks,
      clickCount: Number(row.clickCount),
    },
    targetUrl: row.targetUrl,
    clickId: row.clickId === null ? null : Number(row.clickId),
    recipient: toRecipient(row),
  };
}

function toRecipient(
  row: Pick<RawVisit, 'linkId' | 'projectId' | 'userId' | 'messageId' | 'campaignId'>,
): VisitedLink['recipient'] {
  if (row.userId === null || row.messageId === null) return null;
  return {
    linkId: row.linkId,
    projectId: row.projectId,
    userId: Number(row.userId),
    messageId: row.messageId,
    campaignId: row.campaignId,
  };
}
