import { Injectable } from '@nestjs/common';
import type { UserId } from '../../kernel/ids.js';
import { ClickHouse, type QueryLimits } from '../../platform/clickhouse/clickhouse.js';
import { RowWriter } from '../../platform/clickhouse/row-writer.js';
import type { MembershipChange } from '../core/diff-live.js';
import type { ChangeBatch } from './change-batch.repository.js';
import type { MemberSet } from './member-selection.js';

const LIMITS: QueryLimits = { timeoutMs: 110_000, maxMemoryBytes: 8 * 1024 ** 3 };
const ROWS = 'segment_change (segment_id, batch, user_id, is_entry, at)';

/** A change of membership in the order of the list. */
export interface ListedChange extends MembershipChange {
  batch: number;
  /** ms since 1970 */
  at: number;
}

/** Who came into segments and who left them, in ClickHouse. Writing the same batch again changes nothing. */
@Injectable()
export class ChangeStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  async insert(batch: ChangeBatch, changes: readonly MembershipChange[]): Promise<void> {
    if (changes.length === 0) return;
    const rows = new RowWriter();
    for (const { userId, isEntry } of changes) {
      rows.text(batch.segmentId);
      rows.int64(batch.id);
      rows.int64(userId);
      rows.uint8(isEntry ? 1 : 0);
      rows.int64(batch.at.getTime());
    }
    await this.clickhouse.insertRows(ROWS, rows);
  }

  /** The difference between two runs; persons merged since are one in both. */
  fillFromRuns(batch: ChangeBatch, before: MemberSet, now: MemberSet): Promise<void> {
    return this.fill(
      batch,
      `SELECT person AS member, run_id = {now:String} AS is_now FROM segment_member
       WHERE (run_id = {now:String} AND attempt = {nowAttempt:UInt16})
         OR (run_id = {before:String} AND attempt = {beforeAttempt:UInt16})`,
      {
        now: now.runId,
        nowAttempt: now.attempt,
        before: before.runId,
        beforeAttempt: before.attempt,
      },
    );
  }

  /** The difference between two builds of a live segment. */
  fillFromBuilds(batch: ChangeBatch, before: number, now: number): Promise<void> {
    return this.fill(
      batch,
      `SELECT dictGetOrDefault('person_canonical', 'canonical', user_id, user_id) AS member, build = {now:UInt32} AS is_now
       FROM segment_live FINAL WHERE build IN ({before:UInt32}, {now:UInt32}) AND is_member`,
      { before, now },
    );
  }

  /** Changes of a batch by ascending user, behind `after`. */
  async page(batch: ChangeBatch, after: UserId, limit: number): Promise<MembershipChange[]> {
    const rows = await this.clickhouse.query<{ userId: UserId; isEntry: 0 | 1 }>(
      `SELECT user_id AS userId, is_entry AS isEntry FROM segment_change FINAL
       WHERE segment_id = {segment:String} AND batch = {batch:UInt64} AND user_id > {after:UInt64}
       ORDER BY user_id LIMIT {limit:UInt32}`,
      { segment: batch.segmentId, batch: batch.id, after, limit },
    );
    return rows.map(({ userId, isEntry }) => ({ userId, isEntry: isEntry === 1 }));
  }

  /** Changes of a segment, the latest batch first, behind the change `before`. */
  async list(
    segmentId: string,
    page: { before: { batch: number; userId: UserId } | null; limit: number },
  ): Promise<ListedChange[]> {
    const rows = await this.clickhouse.query<Omit<ListedChange, 'isEntry'> & { isEntry: 0 | 1 }>(
      `SELECT batch, user_id AS userId, is_entry AS isEntry, toUnixTimestamp64Milli(at) AS at FROM segment_change FINAL
       WHERE segment_id = {segment:String}
         AND ({batch:UInt64} = 0 OR (batch, user_id) < ({batch:UInt64}, {user:UInt64}))
       ORDER BY batch DESC, user_id DESC LIMIT {limit:UInt32}`,
      {
        segment: segmentId,
        batch: page.before?.batch ?? 0,
        user: page.before?.userId ?? 0,
        limit: page.limit,
      },
    );
    return rows.map((row) => ({ ...row, isEntry: row.isEntry === 1 }));
  }

  private async fill(
    batch: ChangeBatch,
    members: string,
    params: Record<string, string | number>,
  ): Promise<void> {
    await this.clickhouse.command(
      `INSERT INTO segment_change (segment_id, batch, user_id, is_entry, at)
       SELECT {segment:String}, {batch:UInt64}, member, max(is_now), fromUnixTimestamp64Milli({at:Int64}, 'UTC')
       FROM (${members}) GROUP BY member HAVING uniqExact(is_now) = 1`,
      { ...params, segment: batch.segmentId, batch: batch.id, at: batch.at.getTime() },
      LIMITS,
    );
  }
}
