import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { AdEventType } from '../core/ad-event.js';
import type { ConversionResult } from '../core/decide-conversions.js';
import type { KnownConversion } from '../core/known-conversions.js';
import type { MatchMethod } from '../core/match-attribution.js';
import type { Arrival } from '../core/read-arrival.js';

/** A decision with the ids of the rows it becomes. `callbackId`: null where no network is told. */
export interface NewConversion {
  id: string;
  arrival: Arrival;
  result: ConversionResult;
  /** The row that had found no click before, and gets one now. */
  replaces: string | null;
  callbackId: string | null;
}

export interface ConversionRow {
  id: string;
  userId: UserId;
  eventId: string;
  event: string;
  eventType: AdEventType;
  adClickId: string | null;
  adLinkId: string | null;
  network: string | null;
  campaignId: string | null;
  matchedBy: MatchMethod | null;
  unattributedReason: string | null;
  amount: number | null;
  occurredAt: Date;
  createdAt: Date;
}

interface KnownRow extends Omit<KnownConversion, 'userId' | 'occurredAt' | 'click'> {
  userId: string;
  occurredAt: Date;
  clickId: string | null;
  adLinkId: string;
  network: string;
  campaignId: string | null;
  adGroupId: string | null;
  creativeId: string | null;
  takenFor: AdEventType[];
}

@Injectable()
export class AdConversionRepository {
  constructor(private readonly db: Database) {}

  /** What was decided about these users before, under any of the ids that the arrivals name. */
  async findKnown(arrivals: readonly Arrival[]): Promise<KnownConversion[]> {
    const aliases = arrivals.flatMap(({ projectId, aliases }) =>
      aliases.map((alias) => ({ projectId, alias })),
    );
    const rows = await this.db.query<KnownRow>(
      `WITH known AS (
         SELECT v.* FROM ad_conversion v JOIN unnest($1::integer[], $2::bigint[]) AS person(project_id, user_id)
           ON v.project_id = person.project_id AND v.user_id = person.user_id
         UNION
         SELECT v.* FROM ad_conversion v JOIN unnest($3::integer[], $4::text[]) AS alias(project_id, distinct_id)
           ON v.project_id = alias.project_id AND v.distinct_id = alias.distinct_id
       )
       SELECT known.id AS "conversionId", known.project_id AS "projectId", known.user_id AS "userId",
         known.distinct_id AS "distinctId", known.event_type AS "eventType", known.event_id AS "eventId",
         known.occurred_at AS "occurredAt", known.matched_by AS "matchedBy", c.id AS "clickId",
         c.ad_link_id AS "adLinkId", c.network, c.campaign_id AS "campaignId", c.ad_group_id AS "adGroupId",
         c.creative_id AS "creativeId",
         ARRAY(SELECT v.event_type FROM ad_conversion v WHERE v.ad_click_id = known.ad_click_id) AS "takenFor"
       FROM known LEFT JOIN ad_click c ON c.id = known.ad_click_id
       ORDER BY known.id`,
      [
        arrivals.map(({ projectId }) => projectId),
        arrivals.map(({ userId }) => userId),
        aliases.map(({ projectId }) => projectId),
        aliases.map(({ alias }) => alias),
      ],
    );
    return rows.map(toKnown);
  }

  /**
   * Writes decisions and their callbacks in one transaction.
   * @returns the ids of the conversions that are new; what another process decided meanwhile is left as it is
   */
  save(conversions: readonly NewConversion[], now: Date): Promise<Set<string>> {
    // One order for all: two batches that want the same clicks wait for each other instead of blocking.
    const sorted = [...conversions].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    return this.db.transaction(async (tx) => {
      const saved = new Set(await insertNew(tx, sorted.filter(isNew), now));
      for (const conversion of sorted.filter((one) => !isNew(one))) {
        if (await replace(tx, conversion)) saved.add(conversion.id);
      }
      await insertCallbacks(
        tx,
        sorted.filter(({ id }) => saved.has(id)),
        now,
      );
      return saved;
    });
  }

  /** Newest first, behind the id `before`. */
  async list(
    projectId: ProjectId,
    filter: {
      userId: UserId | null;
      eventType: AdEventType | null;
      isAttributed: boolean | null;
      before: string | null;
      limit: number;
    },
  ): Promise<ConversionRow[]> {
    const rows = await this.db.query<Omit<ConversionRow, 'userId'> & { userId: string }>(
      `SELECT v.id, v.user_id AS "userId", v.event_id AS "eventId", v.event, v.event_type AS "eventType",
         v.ad_click_id AS "adClickId", c.ad_link_id AS "adLinkId", c.network, c.campaign_id AS "campaignId",
         v.matched_by AS "matchedBy", v.unattributed_reason AS "unattributedReason", v.amount,
         v.occurred_at AS "occurredAt", v.created_at AS "createdAt"
       FROM ad_conversion v LEFT JOIN ad_click c ON c.id = v.ad_click_id
       WHERE v.project_id = $1 AND ($2::bigint IS NULL OR v.user_id = $2)
         AND ($3::text IS NULL OR v.event_type = $3)
         AND ($4::boolean IS NULL OR (v.ad_click_id IS NOT NULL) = $4)
         AND ($5::text IS NULL OR v.id < $5)
       ORDER BY v.id DESC LIMIT $6`,
      [projectId, filter.userId, filter.eventType, filter.isAttributed, filter.before, filter.limit],
    );
    return rows.map((row) => ({ ...row, userId: Number(row.userId) }));
  }
}

function isNew(conversion: NewConversion): boolean {
  return conversion.replaces === null;
}

function sortKey({ result, arrival, id }: NewConversion): string {
  return `${result.kind === 'attributed' ? result.click.clickId : ''}.${arrival.userId}.${id}`;
}

async function insertNew(tx: Sql, conversions: readonly NewConversion[], now: Date): Promise<string[]> {
  if (conversions.length === 0) return [];
  const column = <T>(read: (conversion: NewConversion) => T) => conversions.map(read);
  const rows = await tx.query<{ id: string }>(
    `INSERT INTO ad_conversion (id, project_id, user_id, distinct_id, event_id, event, event_type, ad_click_id,
       matched_by, unattributed_reason, amount, occurred_at, created_at)
     SELECT item.*, $13::timestamptz FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::text[], $5::text[],
       $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::float8[], $12::timestamptz[]) AS item
     ON CONFLICT DO NOTHING RETURNING id`,
    [
      column(({ id }) => id),
      column(({ arrival }) => arrival.projectId),
      column(({ arrival }) => arrival.userId),
      column(({ arrival }) => arrival.distinctId),
      column(({ arrival }) => arrival.eventId),
      column(({ arrival }) => arrival.event),
      column(({ arrival }) => arrival.eventType),
      column(({ result }) => (result.kind === 'attributed' ? result.click.clickId : null)),
      column(({ result }) => (result.kind === 'attributed' ? result.matchedBy : null)),
      column(({ result }) => (result.kind === 'unattributed' ? result.reason : null)),
      column(({ arrival }) => arrival.amount),
      column(({ arrival }) => new Date(arrival.occurredAt)),
      now,
    ],
  );
  return rows.map(({ id }) => id);
}

async function replace(tx: Sql, { id, arrival, result }: NewConversion): Promise<boolean> {
  if (result.kind === 'unattributed') return false;
  const changed = await tx.execute(
    `UPDATE ad_conversion SET ad_click_id = $2, matched_by = $3, unattributed_reason = NULL, event_id = $4,
       event = $5, occurred_at = $6
     WHERE id = $1 AND ad_click_id IS NULL`,
    [
      id,
      result.click.clickId,
      result.matchedBy,
      arrival.eventId,
      arrival.event,
      new Date(arrival.occurredAt),
    ],
  );
  return changed === 1;
}

async function insertCallbacks(tx: Sql, conversions: readonly NewConversion[], now: Date): Promise<void> {
  const told = conversions.flatMap(({ id, callbackId, arrival, result }) =>
    callbackId === null || result.kind !== 'attributed'
      ? []
      : [{ id: callbackId, conversionId: id, projectId: arrival.projectId, network: result.click.network }],
  );
  if (told.length === 0) return;
  await tx.execute(
    `INSERT INTO ad_callback (id, conversion_id, project_id, network, state, next_attempt_at, created_at)
     SELECT item.*, 'queued', $5::timestamptz, $5::timestamptz
     FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[]) AS item
     ON CONFLICT (conversion_id) DO NOTHING`,
    [
      told.map(({ id }) => id),
      told.map(({ conversionId }) => conversionId),
      told.map(({ projectId }) => projectId),
      told.map(({ network }) => network),
      now,
    ],
  );
}

function toKnown(row: KnownRow): KnownConversion {
  const { conversionId, projectId, distinctId, eventType, eventId, matchedBy, clickId } = row;
  return {
    conversionId,
    projectId,
    userId: Number(row.userId),
    distinctId,
    eventType,
    eventId,
    occurredAt: row.occurredAt.getTime(),
    matchedBy,
    click:
      clickId === null
        ? null
        : {
            clickId,
            adLinkId: row.adLinkId,
            network: row.network,
            campaignId: row.campaignId,
            adGroupId: row.adGroupId,
            creativeId: row.creativeId,
            takenFor: row.takenFor,
          },
  };
}
