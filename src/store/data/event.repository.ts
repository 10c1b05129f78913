import { Injectable } from '@nestjs/common';
import { isEvent, type TrackedRecord } from '../../kernel/event.js';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';
import type { RowWriter } from '../../platform/clickhouse/row-writer.js';
import type { StoredEvent } from '../contract.js';
import { EVENT_ROWS, fromUuid, SEEN_ROWS, seenTime, toEventRows, toSeenRows, toUuid } from './event-rows.js';

/** The ids travel in the address of the request, which ClickHouse limits to 1 MiB. */
const IDS_PER_QUERY = 2_000;

/** The id decides; the times are there because the table is sorted by them. */
const FIND_SEEN = `
  SELECT DISTINCT toString(event_id) AS id FROM event_seen
  WHERE project_id = {project:UInt32}
    AND client_time IN (SELECT fromUnixTimestamp64Milli(arrayJoin({times:Array(Int64)}), 'UTC'))
    AND event_id IN {ids:Array(UUID)}
    AND received_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    AND batch_id != {batch:UInt64}`;

const FIND_STORED_IDS = `
  SELECT toString(event_id) AS id FROM event_seen
  WHERE project_id = {project:UInt32}
    AND client_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
    AND client_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
  LIMIT {limit:UInt32}`;

@Injectable()
export class EventRepository {
  constructor(private readonly clickhouse: ClickHouse) {}

  /**
   * Which of these records were stored by another batch within the window.
   * The table is sorted by the client's time, and a batch spans little of it: few granules are read.
   */
  async findSeen(
    batchId: number,
    projectId: ProjectId,
    records: readonly TrackedRecord[],
    sinceMs: number,
  ): Promise<Set<string>> {
    const seen = new Set<string>();
    for (let i = 0; i < records.length; i += IDS_PER_QUERY) {
      const part = records.slice(i, i + IDS_PER_QUERY);
      const rows = await this.clickhouse.query<{ id: string }>(FIND_SEEN, {
        project: projectId,
        times: [...new Set(part.map(seenTime))],
        ids: part.map(({ eventId }) => toUuid(eventId)),
        since: sinceMs,
        batch: batchId,
      });
      for (const { id } of rows) seen.add(fromUuid(id));
    }
    return seen;
  }

  /** Ids of the records of a project whose client time is in the range, whatever batch stored them. */
  async findStoredIds(
    projectId: ProjectId,
    range: { fromMs: number; toMs: number },
    limit: number,
  ): Promise<string[]> {
    const params = { project: projectId, from: range.fromMs, to: range.toMs, limit };
    const rows = await this.clickhouse.query<{ id: string }>(FIND_STORED_IDS, params);
    return rows.map(({ id }) => fromUuid(id));
  }

  /**
   * Every insert carries the batch, and its part, as its token: done again it changes nothing. Neither waits for the other, because a
   * batch that is done again takes no notice of what it marked as seen itself.
   */
  async insert(batchId: number, records: readonly TrackedRecord[], part: string): Promise<void> {
    if (records.length === 0) return;
    const token = part === '' ? `batch-${batchId}` : `batch-${batchId}-${part}`;
    const events = records.filter(isEvent);
    await Promise.all([
      events.length > 0 && this.insertRows(EVENT_ROWS, toEventRows(events), token),
      this.insertRows(SEEN_ROWS, toSeenRows(records, batchId), token),
    ]);
  }

  private async insertRows(target: string, rows: Promise<RowWriter>, token: string): Promise<void> {
    await this.clickhouse.insertRows(target, await rows, token);
  }

  async timeline(
    projectId: ProjectId,
    userId: UserId,
    page: { limit: number; before: { time: number; eventId: string } | null; events?: readonly string[] },
  ): Promise<StoredEvent[]> {
    const rows = await this.clickhouse.query<StoredEvent>(
      `SELECT toString(event_id) AS eventId, event, person AS userId, distinct_id AS distinctId,
         toUnixTimestamp64Milli(time) AS time, toUnixTimestamp64Milli(client_time) AS clientTime,
         toUnixTimestamp64Milli(received_at) AS receivedAt, source, properties
       FROM event
       WHERE project_id = {project:UInt32}
         AND user_id IN (SELECT person_id FROM person_alias FINAL WHERE canonical = {user:UInt64} UNION ALL SELECT {user:UInt64})
         AND ({beforeTime:Int64} = 0 OR (toUnixTimestamp64Milli(event.time), toString(event_id)) < ({beforeTime:Int64}, {beforeId:String}))
         AND (empty({events:Array(String)}) OR event IN {events:Array(String)})
       ORDER BY event.time DESC, toString(event_id) DESC
       LIMIT {limit:UInt32}`,
      {
        project: projectId,
        user: userId,
        beforeTime: page.before?.time ?? 0,
        beforeId: page.before ? toUuid(page.before.eventId) : '',
        events: page.events ?? [],
        limit: page.limit,
      },
    );
    return rows.map((row) => ({ ...row, eventId: fromUuid(row.eventId), userId: Number(row.userId) }));
  }
}
