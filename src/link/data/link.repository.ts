import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { LinkState } from '../core/decide-click.js';
import type { LinkKind } from '../core/link-code.js';

export interface LinkRow extends LinkState {
  id: string;
  projectId: ProjectId;
  code: string;
  kind: LinkKind;
  targetUrl: string;
  title: string;
  messageId: string | null;
  campaignId: string | null;
  createdAt: number;
}

/** A link to be written; `lookupKey` is the code, or the lower-case form of a custom slug. */
export interface NewLink {
  id: string;
  code: string;
  lookupKey: string;
  isCustom: boolean;
  targetUrl: string;
  targetHash: string;
  title: string;
  expiresAt: number | null;
  maxClicks: number | null;
}

export interface NewRecipientLink {
  id: string;
  projectId: ProjectId;
  code: string;
  targetUrl: string;
  targetHash: string;
  userId: number;
  messageId: string;
  campaignId: string | null;
}

export interface LinkChange {
  isDisabled: boolean;
  expiresAt: number | null;
  maxClicks: number | null;
  title: string;
  targetUrl: string;
  targetHash: string;
}

export interface LinkCounts {
  clicks: number;
  uniqueClicks: number;
  scans: number;
  bots: number;
}

interface RawLink extends Omit<LinkRow, 'clickCount' | 'expiresAt' | 'createdAt'> {
  clickCount: string;
  expiresAt: Date | null;
  createdAt: Date;
}

const COLUMNS = `id, project_id AS "projectId", code, kind, target_url AS "targetUrl", title,
  message_id AS "messageId", campaign_id AS "campaignId", expires_at AS "expiresAt", max_clicks AS "maxClicks",
  click_count AS "clickCount", is_disabled AS "isDisabled", created_at AS "createdAt"`;

@Injectable()
export class LinkRepository {
  constructor(private readonly db: Database) {}

  /** Runs `work` alone among those that create links of the project by URL. */
  createAlone<T>(projectId: ProjectId, work: (tx: Sql) => Promise<T>): Promise<T> {
    return this.db.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`link.create.${projectId}`]);
      return work(tx);
    });
  }

  create<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** @returns the links that were written; one whose code is taken is left out */
  async insert(tx: Sql, projectId: ProjectId, links: readonly NewLink[], nowMs: number): Promise<LinkRow[]> {
    const column = <K extends keyof NewLink>(key: K) => links.map((link) => link[key]);
    const rows = await tx.query<RawLink>(
      `INSERT INTO link (id, project_id, code, lookup_key, is_custom, kind, target_url, target_hash, title,
         expires_at, max_clicks, created_at)
       SELECT n.id, $1, n.code, n.lookup_key, n.is_custom, 'public', n.target_url, n.target_hash, n.title,
         n.expires_at, n.max_clicks, $2
       FROM unnest($3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::text[], $9::text[],
         $10::timestamptz[], $11::integer[])
         AS n (id, code, lookup_key, is_custom, target_url, target_hash, title, expires_at, max_clicks)
       ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
      [
        projectId,
        new Date(nowMs),
        column('id'),
        column('code'),
        column('lookupKey'),
        column('isCustom'),
        column('targetUrl'),
        column('targetHash'),
        column('title'),
        links.map(({ expiresAt }) => (expiresAt === null ? null : new Date(expiresAt))),
        column('maxClicks'),
      ],
    );
    return rows.map(toLinkRow);
  }

  /** The newest public link to each target that still leads there, by hash of the target. */
  async findOpenByTarget(
    tx: Sql,
    projectId: ProjectId,
    targetHashes: readonly string[],
    nowMs: number,
  ): Promise<Map<string, LinkRow>> {
    const rows = await tx.query<RawLink & { targetHash: string }>(
      `SELECT DISTINCT ON (target_hash) target_hash AS "targetHash", ${COLUMNS} FROM link
       WHERE project_id = $1 AND kind = 'public' AND target_hash = ANY($2) AND NOT is_disabled
         AND (expires_at IS NULL OR expires_at > $3) AND (max_clicks IS NULL OR click_count < max_clicks)
       ORDER BY target_hash, id DESC`,
      [projectId, targetHashes, new Date(nowMs)],
    );
    return new Map(rows.map(({ targetHash, ...row }) => [targetHash, toLinkRow(row)]));
  }

  /** Writes the links that are not there yet. */
  async insertForRecipients(links: readonly NewRecipientLink[], nowMs: number): Promise<void> {
    const column = <K extends keyof NewRecipientLink>(key: K) => links.map((link) => link[key]);
    await this.db.execute(
      `INSERT INTO link (id, project_id, code, lookup_key, is_custom, kind, target_url, target_hash, user_id,
         message_id, campaign_id, created_at)
       SELECT n.id, n.project_id, n.code, n.code, false, 'recipient', n.target_url, n.target_hash, n.user_id,
         n.message_id, n.campaign_id, $1
       FROM unnest($2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[],
         $9::text[]) AS n (id, project_id, code, target_url, target_hash, user_id, message_id, campaign_id)
       ON CONFLICT DO NOTHING`,
      [
        new Date(nowMs),
        column('id'),
        column('projectId'),
        column('code'),
        column('targetUrl'),
        column('targetHash'),
        column('userId'),
        column('messageId'),
        column('campaignId'),
      ],
    );
  }

  /** Codes of recipients' links, in the order asked; null where there is no such link. */
  async codesForRecipients(
    links: readonly Pick<NewRecipientLink, 'messageId' | 'targetHash'>[],
  ): Promise<(string | null)[]> {
    const rows = await this.db.query<{ code: string | null }>(
      `SELECT link.code FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (message_id, target_hash, position)
       LEFT JOIN link ON link.message_id = n.message_id AND link.target_hash = n.target_hash ORDER BY n.position`,
      [links.map(({ messageId }) => messageId), links.map(({ targetHash }) => targetHash)],
    );
    return rows.map(({ code }) => code);
  }

  async findByCode(code: string): Promise<LinkRow | null> {
    const rows = await this.db.query<RawLink>(
      `SELECT ${COLUMNS} FROM link WHERE lookup_key = $1 OR (lookup_key = $2 AND is_custom)
       ORDER BY lookup_key = $1 DESC LIMIT 1`,
      [code, code.toLowerCase()],
    );
    return rows[0] ? toLinkRow(rows[0]) : null;
  }

  async find(projectId: ProjectId, id: string): Promise<LinkRow | null> {
    const rows = await this.db.query<RawLink>(
      `SELECT ${COLUMNS} FROM link WHERE project_id = $1 AND id = $2`,
      [projectId, id],
    );
    return rows[0] ? toLinkRow(rows[0]) : null;
  }

  /** Newest first; `search` is looked for in code, title and target. */
  async list(
    projectId: ProjectId,
    filter: { kind: LinkKind; search: string | null },
    page: { before: string | null; limit: number },
  ): Promise<LinkRow[]> {
    const pattern = filter.search === null ? null : `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
    const rows = await this.db.query<RawLink>(
      `SELECT ${COLUMNS} FROM link WHERE project_id = $1 AND kind = $2 AND ($3::text IS NULL OR id < $3)
         AND ($4::text IS NULL OR code ILIKE $4 OR title ILIKE $4 OR target_url ILIKE $4)
       ORDER BY id DESC LIMIT $5`,
      [projectId, filter.kind, page.before, pattern, page.limit],
    );
    return rows.map(toLinkRow);
  }

  async update(projectId: ProjectId, id: string, change: LinkChange): Promise<LinkRow | null> {
    const rows = await this.db.query<RawLink>(
      `UPDATE link SET is_disabled = $3, expires_at = $4, max_clicks = $5, title = $6, target_url = $7, target_hash = $8
       WHERE project_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
      [
        projectId,
        id,
        change.isDisabled,
        change.expiresAt === null ? null : new Date(change.expiresAt),
        change.maxClicks,
        change.title,
        change.targetUrl,
        change.targetHash,
      ],
    );
    return rows[0] ? toLinkRow(rows[0]) : null;
  }

  async counts(linkId: string): Promise<LinkCounts> {
    const [row] = await this.db.query<Record<keyof LinkCounts, string>>(
      `SELECT count(*) FILTER (WHERE NOT is_bot) AS clicks, count(DISTINCT ip_hash) FILTER (WHERE NOT is_bot) AS "uniqueClicks",
         count(*) FILTER (WHERE NOT is_bot AND is_scan) AS scans, count(*) FILTER (WHERE is_bot) AS bots
       FROM link_click WHERE link_id = $1`,
      [linkId],
    );
    return {
      clicks: Number(row?.clicks ?? 0),
      uniqueClicks: Number(row?.uniqueClicks ?? 0),
      scans: Number(row?.scans ?? 0),
      bots: Number(row?.bots ?? 0),
    };
  }
}

function toLinkRow(row: RawLink): LinkRow {
  return {
    ...row,
    clickCount: Number(row.clickCount),
    expiresAt: row.expiresAt?.getTime() ?? null,
    createdAt: row.createdAt.getTime(),
  };
}
