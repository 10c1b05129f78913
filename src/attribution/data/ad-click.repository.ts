import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import type { AdEventType } from '../core/ad-event.js';
import type { ParsedClick } from '../core/ad-network.js';
import type { Click } from '../core/decide-conversions.js';
import type { DeviceId } from '../core/normalise-device-id.js';
import type { Arrival } from '../core/read-arrival.js';
import { keysOfTouch, type TouchKey } from '../core/touch-keys.js';

export interface NewClick extends Omit<ParsedClick, 'clickedAt'> {
  id: string;
  projectId: ProjectId;
  adLinkId: string;
  network: string;
  clickedAt: Date;
  receivedAt: Date;
  rawQuery: string;
}

export interface ClickRow extends NewClick {}

interface CandidateRow {
  arrival: number;
  id: string;
  adLinkId: string;
  network: string;
  campaignId: string | null;
  adGroupId: string | null;
  creativeId: string | null;
  clickedAt: Date;
  receivedAt: Date;
  ip: string | null;
  userAgent: string | null;
  deviceIds: DeviceId[];
  clickTokens: string[];
  windowDays: number;
  takenFor: AdEventType[];
}

/** Newest clicks looked at per key: behind one address there may be very many. */
const CLICKS_PER_KEY = 20;
const DAY_MS = 86_400_000;
const COLUMNS = `c.id, c.project_id AS "projectId", c.ad_link_id AS "adLinkId", c.network,
  c.clicked_at AS "clickedAt", c.received_at AS "receivedAt", c.os, c.ip, c.user_agent AS "userAgent",
  c.device_ids AS "deviceIds", c.click_tokens AS "clickTokens", c.callback_param AS "callbackParam",
  c.campaign_id AS "campaignId", c.ad_group_id AS "adGroupId", c.creative_id AS "creativeId",
  c.raw_query AS "rawQuery"`;

@Injectable()
export class AdClickRepository {
  constructor(private readonly db: Database) {}

  /** Writes a click and its look-up keys in one statement. */
  async insert(click: NewClick, keys: readonly TouchKey[]): Promise<void> {
    await this.db.execute(
      `WITH click AS (
         INSERT INTO ad_click (id, project_id, ad_link_id, network, clicked_at, received_at, os, ip, user_agent,
           device_ids, click_tokens, callback_param, campaign_id, ad_group_id, creative_id, raw_query)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
       )
       INSERT INTO ad_click_id_key (project_id, id_kind, id_hash, clicked_at, ad_click_id)
       SELECT $2, key.kind, key.hash, $5, $1 FROM unnest($17::text[], $18::text[]) AS key(kind, hash)`,
      [
        click.id,
        click.projectId,
        click.adLinkId,
        click.network,
        click.clickedAt,
        click.receivedAt,
        click.os,
        click.ip,
        click.userAgent,
        JSON.stringify(click.deviceIds),
        click.clickTokens,
        click.callbackParam,
        click.campaignId,
        click.adGroupId,
        click.creativeId,
        click.rawQuery,
        keys.map((key) => key.kind),
        keys.map((key) => key.hash),
      ],
    );
  }

  /** Those of the projects that ever had an ad click. */
  async projectsWithClicks(projectIds: readonly ProjectId[]): Promise<ProjectId[]> {
    const rows = await this.db.query<{ id: number }>(
      `SELECT id FROM unnest($1::integer[]) AS project(id)
       WHERE EXISTS (SELECT 1 FROM ad_click WHERE ad_click.project_id = project.id)`,
      [projectIds],
    );
    return rows.map(({ id }) => id);
  }

  /** The newest clicks that share a key with each arrival, up to `untilMs` after it; by index of the arrival. */
  async findCandidates(arrivals: readonly Arrival[], untilMs: number): Promise<Map<Arrival, Click[]>> {
    const wanted = arrivals.flatMap((arrival, index) =>
      keysOfTouch(arrival).map((key) => ({ ...key, index, arrival })),
    );
    if (wanted.length === 0) return new Map();
    const rows = await this.db.query<CandidateRow>(
      `SELECT DISTINCT ON (key.arrival, c.id) key.arrival, ${COLUMNS}, l.window_days AS "windowDays",
         ARRAY(SELECT v.event_type FROM ad_conversion v WHERE v.ad_click_id = c.id) AS "takenFor"
       FROM unnest($1::integer[], $2::integer[], $3::text[], $4::text[], $5::timestamptz[])
         AS key(arrival, project_id, kind, hash, until)
       CROSS JOIN LATERAL (
         SELECT k.ad_click_id FROM ad_click_id_key k
         WHERE k.project_id = key.project_id AND k.id_kind = key.kind AND k.id_hash = key.hash
           AND k.clicked_at <= key.until
         ORDER BY k.clicked_at DESC LIMIT ${CLICKS_PER_KEY}
       ) found
       JOIN ad_click c ON c.id = found.ad_click_id
       JOIN ad_link l ON l.id = c.ad_link_id`,
      [
        wanted.map(({ index }) => index),
        wanted.map(({ arrival }) => arrival.projectId),
        wanted.map(({ kind }) => kind),
        wanted.map(({ hash }) => hash),
        wanted.map(({ arrival }) => new Date(arrival.occurredAt + untilMs)),
      ],
    );
    const found = new Map<Arrival, Click[]>();
    for (const row of rows) {
      const arrival = arrivals[row.arrival];
      if (arrival) found.set(arrival, [...(found.get(arrival) ?? []), toClick(row)]);
    }
    return found;
  }

  /** Newest first, behind the id `before`, of one link where it is given. */
  list(
    projectId: ProjectId,
    filter: { adLinkId: string | null; before: string | null; limit: number },
  ): Promise<ClickRow[]> {
    return this.db.query<ClickRow>(
      `SELECT ${COLUMNS} FROM ad_click c
       WHERE c.project_id = $1 AND ($2::text IS NULL OR c.ad_link_id = $2) AND ($3::text IS NULL OR c.id < $3)
       ORDER BY c.id DESC LIMIT $4`,
      [projectId, filter.adLinkId, filter.before, filter.limit],
    );
  }
}

function toClick(row: CandidateRow): Click {
  const { id, clickedAt, receivedAt, windowDays, ...rest } = row;
  return {
    clickId: id,
    adLinkId: rest.adLinkId,
    network: rest.network,
    campaignId: rest.campaignId,
    adGroupId: rest.adGroupId,
    creativeId: rest.creativeId,
    takenFor: rest.takenFor,
    clickedAt: clickedAt.getTime(),
    receivedAt: receivedAt.getTime(),
    windowMs: windowDays * DAY_MS,
    deviceIds: rest.deviceIds,
    clickTokens: rest.clickTokens,
    ip: rest.ip,
    userAgent: rest.userAgent,
  };
}
