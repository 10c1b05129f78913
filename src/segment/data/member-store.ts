import { Injectable } from '@nestjs/common';
import type { UserId } from '../../kernel/ids.js';
import { ClickHouse, type MeasuredRows, type QueryLimits } from '../../platform/clickhouse/clickhouse.js';
import type { CompiledSegment } from '../core/compile-segment.js';
import type { RunCounts, SegmentRun } from './segment-run.repository.js';

const GIB = 1024 ** 3;
/** Below the time after which the connection to ClickHouse is given up. */
const RUN_LIMITS: QueryLimits = { timeoutMs: 110_000, maxMemoryBytes: 8 * GIB };
const PREVIEW_LIMITS: QueryLimits = { timeoutMs: 20_000, maxMemoryBytes: 4 * GIB };
const SAMPLE_SIZE = 20;

/** Members of one attempt at a run: only those of the attempt that finished it are ever read. */
export interface MemberSet {
  runId: string;
  attempt: number;
}

export interface Preview {
  count: number;
  /** In ascending order. */
  sample: UserId[];
}

/** The members of runs, in ClickHouse; they never pass through this process. */
@Injectable()
export class MemberStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Computes the members inside ClickHouse and keeps them under the run's present attempt. */
  async fill(run: SegmentRun, compiled: CompiledSegment, signal: AbortSignal): Promise<void> {
    await this.clickhouse.command(
      `INSERT INTO segment_member (project_id, segment_id, run_id, attempt, user_id)
       SELECT {project:UInt32}, {segment:String}, {run:String}, {attempt:UInt16}, person FROM (\n${compiled.sql}\n)`,
      {
        ...compiled.params,
        project: run.projectId,
        segment: run.segmentId,
        run: run.id,
        attempt: run.attempts,
      },
      { ...RUN_LIMITS, signal },
    );
  }

  /**
   * Counts members, and compares them with those of the run before; persons merged since are one in both.
   * Without a run before, everyone has entered.
   */
  async compare(present: MemberSet, before: MemberSet | null): Promise<RunCounts> {
    const [row] = await this.clickhouse.query<RunCounts>(
      `SELECT countIf(is_in) AS members, countIf(is_in AND NOT was_in) AS entered, countIf(was_in AND NOT is_in) AS exited
       FROM (
         SELECT person, max(run_id = {run:String}) AS is_in, max(run_id = {before:String}) AS was_in
         FROM segment_member
         WHERE (run_id = {run:String} AND attempt = {attempt:UInt16})
           OR (run_id = {before:String} AND attempt = {beforeAttempt:UInt16})
         GROUP BY person
       )`,
      {
        run: present.runId,
        attempt: present.attempt,
        before: before?.runId ?? '',
        beforeAttempt: before?.attempt ?? 0,
      },
      RUN_LIMITS,
    );
    return row ?? { members: 0, entered: 0, exited: 0 };
  }

  /** Members in ascending order, behind `after`. */
  async page({ runId, attempt }: MemberSet, after: UserId, limit: number): Promise<UserId[]> {
    const rows = await this.clickhouse.query<{ user_id: UserId }>(
      `SELECT user_id FROM segment_member
       WHERE run_id = {run:String} AND attempt = {attempt:UInt16} AND user_id > {after:UInt64}
       ORDER BY user_id LIMIT {limit:UInt32}`,
      { run: runId, attempt, after, limit },
    );
    return rows.map((row) => row.user_id);
  }

  /** Whether a person is a member, also under the number of someone merged into them since. */
  async has({ runId, attempt }: MemberSet, userId: UserId): Promise<boolean> {
    const rows = await this.clickhouse.query(
      `SELECT 1 FROM segment_member
       WHERE run_id = {run:String} AND attempt = {attempt:UInt16} AND (user_id = {user:UInt64} OR person = {user:UInt64})
       LIMIT 1`,
      { run: runId, attempt, user: userId },
    );
    return rows.length > 0;
  }

  /** Counts the members without keeping them, and picks some at random, the same ones each time. */
  async preview(compiled: CompiledSegment): Promise<Preview & Omit<MeasuredRows<unknown>, 'rows'>> {
    const { rows, ...measured } = await this.clickhouse.queryMeasured<{ members: number; sample: UserId[] }>(
      `SELECT count() AS members, arraySort(groupArraySample(${SAMPLE_SIZE}, 1)(person)) AS sample FROM (\n${compiled.sql}\n)`,
      compiled.params,
      PREVIEW_LIMITS,
    );
    return { count: rows[0]?.members ?? 0, sample: rows[0]?.sample ?? [], ...measured };
  }
}
