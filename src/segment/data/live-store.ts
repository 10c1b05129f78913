import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { UserId } from '../../kernel/ids.js';
import { ClickHouse, type QueryLimits } from '../../platform/clickhouse/clickhouse.js';
import { RowWriter } from '../../platform/clickhouse/row-writer.js';
import { PERSON_ALIAS_TABLE } from '../../store/contract.js';
import type { CompiledSegment } from '../core/compile-segment.js';
import type { LiveAnswer, LiveRow } from '../core/diff-live.js';
import type { LookedAt } from '../core/looked-at.js';
import type { MemberSet } from './member-selection.js';

const GIB = 1024 ** 3;
const BUILD_LIMITS: QueryLimits = { timeoutMs: 110_000, maxMemoryBytes: 8 * GIB };
const LOOK_LIMITS: QueryLimits = { timeoutMs: 60_000, maxMemoryBytes: 4 * GIB };

const LOOK_ROWS = 'segment_live_look (look, user_id, person)';
const OF_LOOK = 'FROM segment_live_look WHERE look = {look:String}';
const MERGED = `(SELECT user_id, person ${OF_LOOK} AND user_id != person ORDER BY user_id)`;
const IN_BUILD = 'FROM segment_live FINAL WHERE build = {build:UInt32}';
/** For a few users: by the row with the highest tick, which FINAL is slow to find. */
const LATEST = 'FROM segment_live WHERE build = {build:UInt32}';

/** Users that an update looks at. */
export interface Look {
  id: string;
  /** Every number of theirs, with the one that the user has now. */
  persons: ReadonlyMap<UserId, UserId>;
  within: LookedAt;
}

/** Live membership in ClickHouse: builds, their edges, and the looks of updates. */
@Injectable()
export class LiveStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /**
   * Computes everyone. Rows of a build that was left unfinished are never read.
   * @param answers by `compileLive`
   */
  async build(build: number, { sql, params }: CompiledSegment): Promise<void> {
    await this.clickhouse.command(
      `INSERT INTO segment_live (build, user_id, is_member, edge, tick)
       SELECT {build:UInt32}, person, is_member, edge, 0 FROM (${sql})`,
      { ...params, build },
      BUILD_LIMITS,
    );
    await this.clickhouse.command(
      `INSERT INTO segment_live_edge (build, edge, user_id)
       SELECT build, edge, user_id FROM segment_live WHERE build = {build:UInt32} AND edge > 0`,
      { build },
      BUILD_LIMITS,
    );
  }

  async drop(build: number): Promise<void> {
    for (const table of ['segment_live', 'segment_live_edge']) {
      // A partition has the name of its value; a number cannot be anything but one.
      await this.clickhouse.command(`ALTER TABLE ${table} DROP PARTITION ${Math.trunc(build)}`);
    }
  }

  /** Users whose edge lies after one moment and not after the other. */
  async dueUsers(
    build: number,
    time: { afterMs: number; untilMs: number },
    limit: number,
  ): Promise<UserId[]> {
    const rows = await this.clickhouse.query<{ userId: UserId }>(
      `SELECT user_id AS userId ${LATEST} AND user_id IN (
         SELECT user_id FROM segment_live_edge
         WHERE build = {build:UInt32} AND edge > {after:Int64} AND edge <= {until:Int64}
       ) GROUP BY user_id
       HAVING argMax(edge, tick) > {after:Int64} AND argMax(edge, tick) <= {until:Int64}
       LIMIT {limit:UInt32}`,
      { build, after: time.afterMs, until: time.untilMs, limit },
      LOOK_LIMITS,
    );
    return rows.map(({ userId }) => userId);
  }

  /** Users who are members of a build and not by the definition, or the other way round. */
  differingFromMembers(build: number, members: CompiledSegment, limit: number): Promise<UserId[]> {
    return this.differing(`SELECT person AS user_id FROM (${members.sql})`, {
      ...members.params,
      build,
      limit,
    });
  }

  /** Users who are members of a build and not of a run, or the other way round. */
  differingFromRun(build: number, run: MemberSet, limit: number): Promise<UserId[]> {
    return this.differing(
      'SELECT person AS user_id FROM segment_member WHERE run_id = {run:String} AND attempt = {attempt:UInt16}',
      { build, run: run.runId, attempt: run.attempt, limit },
    );
  }

  /** Finds every number of these users, and the one that each has now, and keeps them for the queries of an update. */
  async look(users: readonly UserId[]): Promise<Look> {
    const asked = await this.writeLook(users.map((userId) => [userId, userId]));
    const aliases = await this.clickhouse.query<{ userId: UserId; person: UserId }>(
      `SELECT person_id AS userId, canonical AS person FROM ${PERSON_ALIAS_TABLE} FINAL
       WHERE canonical IN (
         SELECT user_id ${OF_LOOK}
         UNION ALL SELECT canonical FROM ${PERSON_ALIAS_TABLE} FINAL WHERE person_id IN (SELECT user_id ${OF_LOOK}))`,
      { look: asked },
      LOOK_LIMITS,
    );
    const persons = new Map<UserId, UserId>(aliases.map(({ userId, person }) => [userId, person]));
    for (const person of [...persons.values(), ...users]) {
      if (!persons.has(person)) persons.set(person, person);
    }
    const isMerged = [...persons].some(([userId, person]) => userId !== person);
    const isWhole = persons.size === users.length && !isMerged;
    const id = isWhole ? asked : await this.writeLook([...persons]);
    const within = {
      users: (only?: string) => `SELECT user_id ${OF_LOOK}${only ? ` AND person IN (${only})` : ''}`,
      persons: `SELECT person ${OF_LOOK}`,
      person: isMerged
        ? `transform(user_id, (SELECT groupArray(user_id) FROM ${MERGED}), (SELECT groupArray(person) FROM ${MERGED}), user_id)`
        : 'user_id',
    };
    return { id, persons, within };
  }

  /**
   * What the segment says now of the users of a look; absent are those who are no members and have no edge.
   * @param answers by `compileLive`, for the users of the look
   */
  answers(look: Look, { sql, params }: CompiledSegment): Promise<LiveAnswer[]> {
    return this.clickhouse.query<LiveAnswer>(
      `SELECT person AS userId, is_member AS isMember, edge FROM (${sql})`,
      { ...params, look: look.id },
      LOOK_LIMITS,
    );
  }

  /** What is known of the users of a look. */
  known(build: number, look: Look): Promise<LiveRow[]> {
    return this.clickhouse.query<LiveRow>(
      `SELECT user_id AS userId, argMax(is_member, tick) AS isMember, argMax(edge, tick) AS edge
       ${LATEST} AND user_id IN (SELECT user_id ${OF_LOOK}) GROUP BY user_id`,
      { build, look: look.id },
      LOOK_LIMITS,
    );
  }

  /** Brings a build up to date; done again, it changes nothing. */
  async apply(build: number, tick: number, changed: readonly LiveRow[]): Promise<void> {
    const rows = new RowWriter();
    const edges = new RowWriter();
    const withEdge = changed.filter(({ edge }) => edge > 0);
    for (const { userId, isMember, edge } of changed) {
      rows.uint32(build);
      rows.int64(userId);
      rows.uint8(isMember);
      rows.int64(edge);
      rows.int64(tick);
    }
    for (const { userId, edge } of withEdge) {
      edges.uint32(build);
      edges.int64(edge);
      edges.int64(userId);
    }
    // The edge first: a row whose edge is not among the edges would never be found again.
    if (withEdge.length > 0)
      await this.clickhouse.insertRows('segment_live_edge (build, edge, user_id)', edges);
    if (changed.length > 0)
      await this.clickhouse.insertRows('segment_live (build, user_id, is_member, edge, tick)', rows);
  }

  /** Members in ascending order, behind `after`. */
  async page(build: number, after: UserId, limit: number): Promise<UserId[]> {
    const rows = await this.clickhouse.query<{ userId: UserId }>(
      `SELECT user_id AS userId ${IN_BUILD} AND is_member AND user_id > {after:UInt64}
       ORDER BY user_id LIMIT {limit:UInt32}`,
      { build, after, limit },
    );
    return rows.map(({ userId }) => userId);
  }

  async count(build: number): Promise<number> {
    const [row] = await this.clickhouse.query<{ members: number }>(
      `SELECT count() AS members ${IN_BUILD} AND is_member`,
      { build },
    );
    return row?.members ?? 0;
  }

  /** Whether a user is a member, under the number that they have now. */
  async has(build: number, userId: UserId): Promise<boolean> {
    const rows = await this.clickhouse.query(
      `SELECT 1 ${IN_BUILD} AND is_member
         AND user_id = dictGetOrDefault('person_canonical', 'canonical', {user:UInt64}, {user:UInt64})`,
      { build, user: userId },
    );
    return rows.length > 0;
  }

  private async differing(
    others: string,
    params: { build: number; limit: number } & Record<string, unknown>,
  ): Promise<UserId[]> {
    const rows = await this.clickhouse.query<{ userId: UserId }>(
      `SELECT user_id AS userId FROM (
         SELECT user_id, 1 AS side ${IN_BUILD} AND is_member
         UNION ALL SELECT DISTINCT user_id, 2 AS side FROM (${others})
       ) GROUP BY user_id HAVING count() = 1 LIMIT {limit:UInt32}`,
      params,
      BUILD_LIMITS,
    );
    return rows.map(({ userId }) => userId);
  }

  private async writeLook(rows: readonly (readonly [UserId, UserId])[]): Promise<string> {
    const id = randomUUID();
    const writer = new RowWriter();
    for (const [userId, person] of rows) {
      writer.text(id);
      writer.int64(userId);
      writer.int64(person);
    }
    if (rows.length > 0) await this.clickhouse.insertRows(LOOK_ROWS, writer);
    return id;
  }
}
