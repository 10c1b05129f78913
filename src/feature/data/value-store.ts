import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { SqlParams } from '../../kernel/sql-params.js';
import { ClickHouse, type QueryLimits } from '../../platform/clickhouse/clickhouse.js';
import { EVENT_TABLE, PROFILE_TABLE } from '../../store/contract.js';
import { FEATURE_VALUE_TABLE, type FeatureRow, type LabelledRow, type SnapshotRef } from '../contract.js';
import { type CompiledFeatures, compileFeatures, type FeatureContext } from '../core/compile-features.js';
import { compileLateEvents } from '../core/compile-late-events.js';
import type { NamedFeature } from '../core/feature.js';
import { compileReturned, type Label } from '../core/label.js';
import { LIFECYCLE_LABELS } from '../core/lifecycle.js';
import { BLOCK_SIZE, planRanges, type UserBlock } from '../core/plan-ranges.js';
import type { Snapshot } from './snapshot.repository.js';

const GIB = 1024 ** 3;
const MAX_LANES = 4;
/** Below the time after which the connection to ClickHouse is given up. */
const FILL_LIMITS: QueryLimits = { timeoutMs: 110_000, maxMemoryBytes: 4 * GIB, spillBytes: 1 * GIB };
/** Every block of rows costs some microseconds for each of hundreds of expressions: four times as many as by default. */
const BLOCK_BYTES = 4_000_000;
const EXPORT_LIMITS: QueryLimits = { timeoutMs: 3_600_000, maxMemoryBytes: 4 * GIB };

export const EXPORT_FORMATS = { csv: 'CSVWithNames', jsonl: 'JSONEachRow', parquet: 'Parquet' } as const;
export type ExportFormat = keyof typeof EXPORT_FORMATS;

/** The values of snapshots, in ClickHouse; while they are computed they never pass through this process. */
@Injectable()
export class ValueStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /**
   * Computes the values inside ClickHouse, some persons at a time, and keeps them under the present attempt. Several
   * chunks are computed side by side, each by few threads: threads that share a chunk have to merge what they found.
   */
  async fill(
    snapshot: Snapshot,
    features: readonly NamedFeature[],
    context: FeatureContext,
    signal: AbortSignal,
  ): Promise<void> {
    const threads = await this.countThreads();
    const lanes = Math.min(MAX_LANES, threads);
    const settings = { max_threads: Math.ceil(threads / lanes), preferred_block_size_bytes: BLOCK_BYTES };
    const limits = { ...FILL_LIMITS, settings, signal };
    const ranges = planRanges(await this.countByBlock(snapshot.projectId), lanes).values();
    const work = async () => {
      for (const range of ranges)
        await this.fillRange(snapshot, compileFeatures(features, { ...context, range }), limits);
    };
    // Nothing of this attempt goes on when it has failed.
    const ended = await Promise.allSettled(Array.from({ length: lanes }, work));
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
  }

  private fillRange(
    snapshot: Snapshot,
    { sql, params }: CompiledFeatures,
    limits: QueryLimits,
  ): Promise<void> {
    return this.clickhouse.command(
      `INSERT INTO ${FEATURE_VALUE_TABLE} (project_id, set_id, snapshot_id, attempt, user_id, values)
       SELECT {project:UInt32}, {set:String}, {snapshot:String}, {attempt:UInt16}, person, values FROM (\n${sql}\n)`,
      {
        ...params,
        project: snapshot.projectId,
        set: snapshot.setId,
        snapshot: snapshot.id,
        attempt: snapshot.attempts,
      },
      limits,
    );
  }

  async count({ id, attempts }: Snapshot): Promise<number> {
    const [row] = await this.clickhouse.query<{ rows: number }>(
      `SELECT count() AS rows FROM ${FEATURE_VALUE_TABLE} WHERE snapshot_id = {snapshot:String} AND attempt = {attempt:UInt16}`,
      { snapshot: id, attempt: attempts },
    );
    return row?.rows ?? 0;
  }

  /** Events from before the cutoff that were received at or after it. */
  async countLate(context: FeatureContext): Promise<number> {
    const { sql, params } = compileLateEvents(context);
    const [row] = await this.clickhouse.query<{ late: number }>(sql, params, FILL_LIMITS);
    return row?.late ?? 0;
  }

  /** Rows in ascending order of user, behind `after`. */
  async page(ref: SnapshotRef, after: UserId, limit: number): Promise<FeatureRow[]> {
    return this.clickhouse.query<FeatureRow>(
      `SELECT user_id AS userId, values FROM ${ROWS} AND user_id > {after:UInt64} ORDER BY user_id LIMIT {limit:UInt32}`,
      { ...toParams(ref), after, limit },
    );
  }

  async labelledPage(ref: SnapshotRef, label: Label, after: UserId, limit: number): Promise<LabelledRow[]> {
    const outcome = outcomeSql(ref, label);
    return this.clickhouse.query<LabelledRow>(
      `SELECT user_id AS userId, values, ${outcome.sql} AS label FROM ${ROWS} AND user_id > {after:UInt64}
       ORDER BY user_id LIMIT {limit:UInt32}`,
      { ...toParams(ref), ...outcome.params, after, limit },
    );
  }

  /** Rows of some users, also where they were merged into one of them since. */
  async ofUsers(ref: SnapshotRef, userIds: readonly UserId[]): Promise<Map<UserId, (number | null)[]>> {
    const rows = await this.clickhouse.query<FeatureRow>(
      `SELECT person AS userId, argMin(values, (person != user_id, user_id)) AS values
       FROM (SELECT person, user_id, values FROM ${ROWS} AND person IN {users:Array(UInt64)}) GROUP BY person`,
      { ...toParams(ref), users: userIds },
    );
    return new Map(rows.map(({ userId, values }) => [userId, values]));
  }

  /** All rows, one column per feature, as a file; `label` where it is given. Whoever goes away ends the query. */
  export(ref: SnapshotRef, format: ExportFormat, label: Label | null): Promise<Readable> {
    const params = new SqlParams('column_');
    const columns = ref.features.map((name, index) => {
      const value = `values[${index + 1}]`;
      const shown = name === 'lifecycle' ? lifecycleName(value) : value;
      return `${shown} AS ${params.bind(name, 'Identifier')}`;
    });
    const outcome = label && outcomeSql(ref, label);
    return this.clickhouse.stream(
      `SELECT concat('usr_', toString(user_id)) AS user_id, ${columns.join(', ')}${outcome ? `, toUInt8(${outcome.sql}) AS label` : ''}
       FROM (SELECT user_id, person, values FROM ${ROWS}) AS rows ORDER BY rows.user_id
       SETTINGS format_csv_null_representation = ''`,
      EXPORT_FORMATS[format],
      { ...toParams(ref), ...params.values, ...outcome?.params },
      EXPORT_LIMITS,
    );
  }

  /** How much there is of whom. Events of merged persons count where they lie, which is near enough. */
  private countByBlock(projectId: ProjectId): Promise<UserBlock[]> {
    return this.clickhouse.query<UserBlock>(
      `SELECT block, sum(persons) AS persons, sum(events) AS events FROM (
         SELECT intDiv(user_id, {size:UInt32}) AS block, count() AS persons, 0 AS events FROM ${PROFILE_TABLE}
         WHERE project_id = {project:UInt32} GROUP BY block
         UNION ALL
         SELECT intDiv(user_id, {size:UInt32}) AS block, 0 AS persons, count() AS events FROM ${EVENT_TABLE}
         WHERE project_id = {project:UInt32} GROUP BY block
       ) GROUP BY block ORDER BY block`,
      { project: projectId, size: BLOCK_SIZE },
      FILL_LIMITS,
    );
  }

  /** How many threads a query of the server may take. */
  private async countThreads(): Promise<number> {
    const [row] = await this.clickhouse.query<{ threads: number }>(
      `SELECT toUInt32OrZero(extract(value, '\\\\d+')) AS threads FROM system.settings WHERE name = 'max_threads'`,
    );
    return Math.max(1, row?.threads ?? 1);
  }
}

/** The rows of one snapshot, with the parameters of `toParams`; further conditions follow it. */
export const ROWS = `${FEATURE_VALUE_TABLE} WHERE snapshot_id = {snapshot:String} AND attempt = {attempt:UInt16}`;

export function toParams({ snapshotId, attempt }: SnapshotRef): { snapshot: string; attempt: number } {
  return { snapshot: snapshotId, attempt };
}

/** 1 for a row of `feature_value` whose person did not return, else 0. */
export function outcomeSql(ref: SnapshotRef, label: Label) {
  const { sql, params } = compileReturned(label, ref);
  return { sql: `(person NOT IN (${sql}))`, params };
}

function lifecycleName(code: string): string {
  return `[${LIFECYCLE_LABELS.map((label) => `'${label}'`).join(', ')}][toUInt8(${code})]`;
}
