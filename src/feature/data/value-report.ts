import { Injectable } from '@nestjs/common';
import { ClickHouse, type QueryLimits } from '../../platform/clickhouse/clickhouse.js';
import type { SnapshotRef } from '../contract.js';
import type { Label } from '../core/label.js';
import { outcomeSql, ROWS, toParams } from './value-store.js';

const LIMITS: QueryLimits = { timeoutMs: 100_000, maxMemoryBytes: 4 * 1024 ** 3 };
/** More rows than this change no bin worth speaking of. */
const SAMPLE_ROWS = 100_000;

/** One feature of a snapshot, over the rows looked at. */
export interface FeatureStats {
  rows: number;
  nulls: number;
  mean: number | null;
  min: number | null;
  max: number | null;
  /** The nine deciles between them; empty where there are no values. */
  deciles: (number | null)[];
  /** Area under the ROC curve of the values against the outcome; null without both outcomes. */
  auc: number | null;
}

/** Rows of a feature in one bin, null being a bin of its own with the number -1. */
export interface BinCount {
  position: number;
  bin: number;
  rows: number;
  positives: number;
}

/** Looks at the values of a snapshot feature by feature, at every row of a small one and at a sample of a large one. */
@Injectable()
export class ValueReport {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Of the features at these positions, from 1 on, in their order; `label` null leaves the outcome out. */
  stats(ref: SnapshotRef, positions: readonly number[], label: Label | null): Promise<FeatureStats[]> {
    const source = this.source(ref, label);
    return this.clickhouse.query<FeatureStats>(
      `SELECT rows, nulls, mean, least AS min, most AS max, deciles,
         if(arrayUniq(outcomes) < 2, NULL, arrayROCAUC(scores, outcomes)) AS auc
       FROM (
         SELECT position, count() AS rows, countIf(isNull(v)) AS nulls, avgOrNull(v) AS mean, min(v) AS least, max(v) AS most,
           if(rows = nulls, [], quantiles(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)(v)) AS deciles,
           groupArrayIf(assumeNotNull(v), isNotNull(v)) AS scores, groupArrayIf(outcome, isNotNull(v)) AS outcomes
         FROM (SELECT position, values[position] AS v, outcome FROM (${source.sql}) ARRAY JOIN {positions:Array(UInt16)} AS position)
         GROUP BY position
       )
       ORDER BY position`,
      { ...source.params, positions },
      LIMITS,
    );
  }

  bins(
    ref: SnapshotRef,
    features: readonly { position: number; edges: readonly number[] }[],
    label: Label | null,
  ): Promise<BinCount[]> {
    const source = this.source(ref, label);
    return this.clickhouse.query<BinCount>(
      `SELECT position, if(isNull(v), -1, toInt16(arrayCount(edge -> assumeNotNull(v) >= edge, edges))) AS bin,
         count() AS rows, sum(outcome) AS positives
       FROM (
         SELECT position, edges, values[position] AS v, outcome FROM (${source.sql})
         ARRAY JOIN {positions:Array(UInt16)} AS position, {edges:Array(Array(Float64))} AS edges
       )
       GROUP BY position, bin ORDER BY position, bin`,
      {
        ...source.params,
        positions: features.map(({ position }) => position),
        edges: features.map(({ edges }) => edges),
      },
      LIMITS,
    );
  }

  private source(ref: SnapshotRef, label: Label | null) {
    const outcome = label ? outcomeSql(ref, label) : { sql: '0', params: {} };
    return {
      sql: `SELECT values, toUInt8(${outcome.sql}) AS outcome FROM ${ROWS} AND cityHash64(user_id) % {every:UInt32} = 0`,
      params: {
        ...toParams(ref),
        ...outcome.params,
        every: Math.max(1, Math.ceil(ref.rowCount / SAMPLE_ROWS)),
      },
    };
  }
}
