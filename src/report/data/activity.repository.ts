import { Injectable } from '@nestjs/common';
import { SYSTEM_EVENTS } from '../../kernel/event.js';
import type { ProjectId } from '../../kernel/ids.js';
import { ClickHouse, type QueryParams } from '../../platform/clickhouse/clickhouse.js';
import type { CampaignReach } from '../core/campaign-report.js';
import type { HourCount } from '../core/hour-buckets.js';

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
