import { Injectable } from '@nestjs/common';
import { SYSTEM_EVENTS } from '../../kernel/event.js';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { ClickHouse, type QueryParams } from '../../platform/clickhouse/clickhouse.js';
import type { CampaignReach } from '../core/campaign-report.js';
import type { HourCount } from '../core/hour-buckets.js';

/** Events of a person, times in ms since 1970. */
export interface EventCount {
  events: number;
  firstAt: number;
  lastAt: number;
}

/** ClickHouse's names of the errors that say a query asked for too much. Source: ClickHouse, src/Common/ErrorCodes.cpp. */
const TOO_MUCH: ReadonlySet<string> = new Set(['TIMEOUT_EXCEEDED', 'MEMORY_LIMIT_EXCEEDED', 'TOO_MANY_ROWS']);
const COUNT_TIMEOUT_MS = 5_000;
const COUNT_MAX_ROWS = 100_000_000;

const OWN_RECORDS = Object.values(SYSTEM_EVENTS);

/** Sendings of one campaign. */
const SENDINGS = `project_id = {project:UInt32} AND event = {sentEvent:String}
  AND toString({campaignProperty:Identifier}) = {campaign:String}`;

/** What people did, out of the event store. */
@Injectable()
export class ActivityRepository {
  constructor(private readonly clickhouse: ClickHouse) {}

  /**
   * Whom a campaign's messages reached, and who of them did anything within the window behind one of them. What
   * Rekindle records itself, such as an opened message, is no return.
   */
  async reachOfCampaign(projectId: ProjectId, campaignId: string, windowMs: number): Promise<CampaignReach> {
    const params: QueryParams = {
      project: projectId,
      sentEvent: SYSTEM_EVENTS.messageSent,
      campaignProperty: 'properties.campaign_id',
      campaign: campaignId,
    };
    const [sent] = await this.clickhouse.query<{ reached: number; first: number; last: number }>(
      `SELECT uniqExact(person) AS reached, toUnixTimestamp64Milli(min(event.time)) AS first,
         toUnixTimestamp64Milli(max(event.time)) AS last
       FROM event WHERE ${SENDINGS}`,
      params,
    );
    const reached = Number(sent?.reached ?? 0);
    if (!sent || reached === 0) return { reached: 0, returned: 0, lastSentAt: null };
    const { first, last } = { first: Number(sent.first), last: Number(sent.last) };
    const returned = await this.countReturned({ ...params, first, until: last + windowMs, window: windowMs });
    return { reached, returned, lastSentAt: last };
  }

  /** Events and persons per hour from `fromMs` on, without what Rekindle records itself. */
  async countsPerHour(projectId: ProjectId, fromMs: number, untilMs: number): Promise<HourCount[]> {
    const rows = await this.clickhouse.query<HourCount>(
      `SELECT toUnixTimestamp(toStartOfHour(event.time)) * 1000 AS hour, count() AS events, uniqExact(person) AS users
       FROM event
       WHERE project_id = {project:UInt32} AND event NOT IN {ownRecords:Array(String)}
         AND event.time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
         AND event.time < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
       GROUP BY hour`,
      { project: projectId, ownRecords: OWN_RECORDS, from: fromMs, until: untilMs },
    );
    return rows.map(({ hour, events, users }) => ({
      hour: Number(hour),
      events: Number(events),
      users: Number(users),
    }));
  }

  /**
   * Events of these persons, merges included, without what Rekindle records itself; those who have none are absent.
   * @returns null where counting would cost too much
   */
  async eventsOf(projectId: ProjectId, userIds: readonly UserId[]): Promise<Map<UserId, EventCount> | null> {
    if (userIds.length === 0) return new Map();
    const limits = { timeoutMs: COUNT_TIMEOUT_MS, maxRowsToRead: COUNT_MAX_ROWS };
    const rows = await this.clickhouse
      .query<EventCount & { userId: number }>(
        `SELECT person AS userId, count() AS events, toUnixTimestamp64Milli(min(event.time)) AS firstAt,
           toUnixTimestamp64Milli(max(event.time)) AS lastAt
         FROM event
         WHERE project_id = {project:UInt32} AND event NOT IN {ownRecords:Array(String)} AND user_id IN (
           SELECT person_id FROM person_alias FINAL WHERE canonical IN {users:Array(UInt64)}
           UNION ALL SELECT arrayJoin({users:Array(UInt64)}))
         GROUP BY userId`,
        { project: projectId, ownRecords: OWN_RECORDS, users: userIds },
        limits,
      )
      .catch((error: unknown) => {
        if (TOO_MUCH.has(String((error as { type?: unknown } | null)?.type))) return null;
        throw error;
      });
    return (
      rows &&
      new Map(
        rows.map(({ userId, events, firstAt, lastAt }) => [
          Number(userId),
          { events: Number(events), firstAt: Number(firstAt), lastAt: Number(lastAt) },
        ]),
      )
    );
  }

  /** The bounds `first` and `until` say nothing new: by them whole partitions are left unread. */
  private async countReturned(params: QueryParams): Promise<number> {
    const [row] = await this.clickhouse.query<{ returned: number }>(
      `SELECT uniqExact(own.person) AS returned
       FROM event AS own
       INNER JOIN (
         SELECT person AS recipient, groupUniqArray(toUnixTimestamp64Milli(event.time)) AS sentAt
         FROM event WHERE ${SENDINGS} GROUP BY recipient
       ) AS sent ON own.person = sent.recipient
       WHERE own.project_id = {project:UInt32} AND own.event NOT IN {ownRecords:Array(String)}
         AND own.time > fromUnixTimestamp64Milli({first:Int64}, 'UTC')
         AND own.time <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')
         AND arrayExists(
           at -> toUnixTimestamp64Milli(own.time) > at AND toUnixTimestamp64Milli(own.time) <= at + {window:Int64},
           sent.sentAt)`,
      { ...params, ownRecords: OWN_RECORDS },
    );
    return Number(row?.returned ?? 0);
  }
}
