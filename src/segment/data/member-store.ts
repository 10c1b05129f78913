import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { UserId } from '../../kernel/ids.js';
import {
  ClickHouse,
  type MeasuredRows,
  type QueryLimits,
  type StatementCost,
} from '../../platform/clickhouse/clickhouse.js';
import type { CompiledSegment } from '../core/compile-segment.js';
import { type MemberSelection, type MemberSet, selectMembers } from './member-selection.js';
import type { RunCounts, SegmentRun } from './segment-run.repository.js';

const GIB = 1024 ** 3;
/** Below the time after which the connection to ClickHouse is given up. */
const RUN_LIMITS: QueryLimits = { timeoutMs: 110_000, maxMemoryBytes: 8 * GIB };
const PREVIEW_LIMITS: QueryLimits = { timeoutMs: 20_000, maxMemoryBytes: 4 * GIB };
/** Rows that SQL may read; what conditions read is known. */
const MAX_ROWS_OF_SQL = 5_000_000_000;
/** As long as a slow reader may take for many millions of members. */
const EXPORT_TIMEOUT_MS = 3_600_000;
const SAMPLE_SIZE = 20;

export const EXPORT_FORMATS = {
  csv: { clickhouse: 'CSVWithNames', mediaType: 'text/csv; charset=utf-8' },
  jsonl: { clickhouse: 'JSONEachRow', mediaType: 'application/x-ndjson' },
  parquet: { clickhouse: 'Parquet', mediaType: 'application/vnd.apache.parquet' },
} as const;
export type ExportFormat = keyof typeof EXPORT_FORMATS;

export interface Preview {
  count: number;
  /** In ascending order. */
  sample: UserId[];
}

/** How two definitions differ; samples in ascending order. */
export interface Difference {
  inBoth: number;
  onlyBefore: number;
  onlyAfter: number;
  inBothSample: UserId[];
  onlyBeforeSample: UserId[];
  onlyAfterSample: UserId[];
}

/** What a run may take. */
export interface FillLimits {
  maxRows: number;
  maxMembers: number;
  signal: AbortSignal;
}

/** The members of runs, in ClickHouse; those found by conditions never pass through this process. */
@Injectable()
export class MemberStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /**
   * Computes the members inside ClickHouse and keeps them under the run's present attempt; of too many, one more than
   * there may be.
   * @returns null where the server does not tell what it took
   */
  async fill(run: SegmentRun, compiled: CompiledSegment, limits: FillLimits): Promise<StatementCost | null> {
    if (compiled.settings) {
      await this.fillReadOnly(run, { ...compiled, settings: compiled.settings }, limits);
      return null;
    }
    const { maxRows, maxMembers, signal } = limits;
    return this.clickhouse.commandMeasured(
      `INSERT INTO segment_member (project_id, segment_id, run_id, attempt, user_id)
       SELECT {project:UInt32}, {segment:String}, {run:String}, {attempt:UInt16}, person FROM (\n${compiled.sql}\n)
       LIMIT {kept:UInt64}`,
      {
        ...compiled.params,
        kept: maxMembers + 1,
        project: run.projectId,
        segment: run.segmentId,
        run: run.id,
        attempt: run.attempts,
      },
      { ...RUN_LIMITS, maxRowsToRead: maxRows, signal },
    );
  }

  /** What may only read cannot insert: the members come out as bytes and go in again, whole only. */
  private async fillReadOnly(
    run: SegmentRun,
    { sql, params, settings }: Required<CompiledSegment>,
    { maxRows, maxMembers, signal }: FillLimits,
  ): Promise<void> {
    const limits = { ...RUN_LIMITS, maxRowsToRead: Math.min(maxRows, MAX_ROWS_OF_SQL), settings, signal };
    const members = await this.clickhouse.stream(sql, 'RowBinary', params, limits);
    await this.clickhouse.insertFrom(
      `INSERT INTO segment_member (project_id, segment_id, run_id, attempt, user_id)
       SELECT {project:UInt32}, {segment:String}, {run:String}, {attempt:UInt16}, person FROM input('person UInt64')
       LIMIT {kept:UInt64}`,
      members,
      {
        kept: maxMembers + 1,
        project: run.projectId,
        segment: run.segmentId,
        run: run.id,
        attempt: run.attempts,
      },
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

  /** Which of the runs a user is a member of, under any of their numbers. */
  async runsWith(runs: readonly MemberSet[], userId: UserId): Promise<Set<string>> {
    if (runs.length === 0) return new Set();
    const rows = await this.clickhouse.query<{ run_id: string }>(
      `SELECT DISTINCT run_id FROM segment_member
       WHERE (run_id, attempt) IN arrayZip({runs:Array(String)}, {attempts:Array(UInt16)})
         AND user_id IN (SELECT person_id FROM person_alias FINAL WHERE canonical = {user:UInt64} UNION ALL SELECT {user:UInt64})`,
      {
        runs: runs.map(({ runId }) => runId),
        attempts: runs.map(({ attempt }) => attempt),
        user: userId,
      },
    );
    return new Set(rows.map((row) => row.run_id));
  }

  /** Users in ascending order, behind `after`. */
  async pageOf(selection: MemberSelection, after: UserId, limit: number): Promise<UserId[]> {
    const { sql, params } = selectMembers(selection, after);
    const rows = await this.clickhouse.query<{ user_id: UserId }>(
      `SELECT user_id FROM (${sql}) ORDER BY user_id LIMIT {limit:UInt32}`,
      { ...params, limit },
      { maxMemoryBytes: RUN_LIMITS.maxMemoryBytes ?? 0 },
    );
    return rows.map((row) => row.user_id);
  }

  /** All users in ascending order, as ClickHouse writes them. */
  export(selection: MemberSelection, format: ExportFormat, signal: AbortSignal): Promise<Readable> {
    const { sql, params } = selectMembers(selection, 0);
    return this.clickhouse.stream(
      `SELECT concat('usr_', toString(user.user_id)) AS user_id FROM (${sql}) AS user ORDER BY user.user_id`,
      EXPORT_FORMATS[format].clickhouse,
      params,
      { timeoutMs: EXPORT_TIMEOUT_MS, signal },
    );
  }

  /** Drops whatever is there of some runs; nothing where that is nothing, so that no part is rewritten for it. */
  async drop(runIds: readonly string[]): Promise<void> {
    if (runIds.length === 0) return;
    const rows = await this.clickhouse.query<{ run_id: string }>(
      'SELECT DISTINCT run_id FROM segment_member WHERE run_id IN {runs:Array(String)}',
      { runs: runIds },
    );
    if (rows.length === 0) return;
    await this.clickhouse.command('DELETE FROM segment_member WHERE run_id IN {runs:Array(String)}', {
      runs: rows.map((row) => row.run_id),
    });
  }

  /** Counts who is a member by one definition, by the other, or by both; their parameters have different names. */
  async difference(before: CompiledSegment, after: CompiledSegment): Promise<Difference> {
    const sample = (where: string) => `arraySort(groupArraySampleIf(${SAMPLE_SIZE}, 1)(person, ${where}))`;
    const [row] = await this.clickhouse.query<Difference>(
      `SELECT countIf(was AND is_now) AS inBoth, countIf(was AND NOT is_now) AS onlyBefore, countIf(is_now AND NOT was) AS onlyAfter,
         ${sample('was AND is_now')} AS inBothSample, ${sample('was AND NOT is_now')} AS onlyBeforeSample,
         ${sample('is_now AND NOT was')} AS onlyAfterSample
       FROM (
         SELECT person, max(side = 1) AS was, max(side = 2) AS is_now
         FROM (SELECT person, 1 AS side FROM (${before.sql}) UNION ALL SELECT person, 2 AS side FROM (${after.sql}))
         GROUP BY person
       )`,
      { ...before.params, ...after.params },
      previewLimits(before.settings ?? after.settings),
    );
    if (!row) throw new Error('ClickHouse gave no counts.');
    return row;
  }

  /** Counts the members without keeping them, and picks some at random, the same ones each time. */
  async preview(compiled: CompiledSegment): Promise<Preview & Omit<MeasuredRows<unknown>, 'rows'>> {
    const { rows, ...measured } = await this.clickhouse.queryMeasured<{ members: number; sample: UserId[] }>(
      `SELECT count() AS members, arraySort(groupArraySample(${SAMPLE_SIZE}, 1)(person)) AS sample FROM (\n${compiled.sql}\n)`,
      compiled.params,
      previewLimits(compiled.settings),
    );
    return { count: rows[0]?.members ?? 0, sample: rows[0]?.sample ?? [], ...measured };
  }
}

/** SQL may cost more than its writer thinks, and so is stopped sooner. */
function previewLimits(settings: CompiledSegment['settings']): QueryLimits {
  if (!settings) return PREVIEW_LIMITS;
  return { ...PREVIEW_LIMITS, timeoutMs: 10_000, maxRowsToRead: MAX_ROWS_OF_SQL, settings };
}
