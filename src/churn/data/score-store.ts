import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { UserId } from '../../kernel/ids.js';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';
import type { ScoreOfUser } from '../contract.js';
import type { ModelKind } from '../core/definition.js';

/** Scores of one attempt at a run: only those of the attempt that finished it are ever read. */
export interface ScoreSet {
  runId: string;
  attempt: number;
}

export interface UserScore {
  userId: UserId;
  score: number;
  details: Record<string, number>;
}

export interface Distribution {
  users: number;
  mean: number | null;
  /** The 10th, 25th, 50th, 75th and 90th percentile. */
  percentiles: number[];
  /** Users with a score from 0 to 0.1, from 0.1 to 0.2, and so on; 1 is in the last. */
  tenths: number[];
}

/** Columns of the scores, in the order in which the compute thread writes them. */
export const SCORE_TARGET = 'churn_score (project_id, model_id, run_id, attempt, user_id, score, details)';

/** What the export has of each kind beside the user and the score. */
export const DETAILS: Record<ModelKind, readonly string[]> = {
  rfm: ['recency', 'frequency', 'monetary', 'gapRatio', 'daysSinceLast', 'activeDays'],
  bg_nbd: [
    'probabilityAlive',
    'expectedPurchases',
    'expectedValue',
    'repeatPurchases',
    'lastPurchase',
    'observed',
  ],
  logistic: ['daysSinceLast', 'activeDays', 'gapRatio'],
  onnx: [],
  uploaded: [],
};
const EXPORT_TIMEOUT_MS = 110_000;
const TENTHS = Array.from({ length: 10 }, (_, tenth) => `countIf(least(floor(score * 10), 9) = ${tenth})`);
const OF_RUN = 'run_id = {run:String} AND attempt = {attempt:UInt16}';

/** The scores of runs, in ClickHouse. */
@Injectable()
export class ScoreStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** @param part numbers the chunks of an attempt, so that one sent again is stored once */
  insert({ runId, attempt }: ScoreSet, rows: Uint8Array, part: number): Promise<void> {
    return this.clickhouse.insertBytes(SCORE_TARGET, rows, `${runId}-${attempt}-${part}`);
  }

  /** In ascending order of user, behind `after`. */
  async page({ runId, attempt }: ScoreSet, after: UserId, limit: number): Promise<UserScore[]> {
    return this.clickhouse.query(
      `SELECT user_id AS userId, score, details FROM churn_score
       WHERE ${OF_RUN} AND user_id > {after:UInt64} ORDER BY user_id LIMIT {limit:UInt32}`,
      { run: runId, attempt, after, limit },
    );
  }

  /** Of one person, also where they were scored under the number of someone merged into them since. */
  async find({ runId, attempt }: ScoreSet, userId: UserId): Promise<UserScore | null> {
    const [row] = await this.clickhouse.query<UserScore>(
      `SELECT user_id AS userId, score, details FROM churn_score
       WHERE ${OF_RUN} AND (user_id = {user:UInt64} OR person = {user:UInt64})
       ORDER BY user_id = {user:UInt64} DESC LIMIT 1`,
      { run: runId, attempt, user: userId },
    );
    return row ?? null;
  }

  /** Of some persons, also where they were scored under the number of someone merged into them since. */
  async ofUsers({ runId, attempt }: ScoreSet, userIds: readonly UserId[]): Promise<Map<UserId, ScoreOfUser>> {
    const rows = await this.clickhouse.query<ScoreOfUser & { userId: UserId }>(
      `SELECT userId, found.1 AS score, found.2 AS decile, found.3 AS details FROM (
         SELECT person AS userId, argMin((score, decile, details), (person != user_id, user_id)) AS found FROM (
           SELECT person, user_id, score, details,
             1 + intDiv(10 * (rank() OVER (ORDER BY score) - 1), count() OVER ()) AS decile
           FROM churn_score WHERE ${OF_RUN})
         WHERE person IN {users:Array(UInt64)} GROUP BY person)`,
      { run: runId, attempt, users: userIds },
    );
    return new Map(rows.map(({ userId, ...score }) => [userId, score]));
  }

  async distribution({ runId, attempt }: ScoreSet): Promise<Distribution> {
    const [row] = await this.clickhouse.query<Distribution>(
      `SELECT count() AS users, if(users = 0, NULL, avg(score)) AS mean,
         if(users = 0, [], quantiles(0.1, 0.25, 0.5, 0.75, 0.9)(score)) AS percentiles,
         [${TENTHS.join(', ')}] AS tenths
       FROM churn_score WHERE ${OF_RUN}`,
      { run: runId, attempt },
    );
    return row ?? { users: 0, mean: null, percentiles: [], tenths: [] };
  }

  /** Every score of a run with its details as columns of their own, as bytes. */
  export({ runId, attempt }: ScoreSet, kind: ModelKind, format: 'csv' | 'jsonl'): Promise<Readable> {
    const details = DETAILS[kind].map(
      (name) => `if(mapContains(details, '${name}'), details['${name}'], NULL) AS ${name}`,
    );
    return this.clickhouse.stream(
      `SELECT ${[`concat('usr_', toString(user_id)) AS userId`, 'score', ...details].join(', ')}
       FROM churn_score WHERE ${OF_RUN} ORDER BY user_id`,
      format === 'csv' ? 'CSVWithNames' : 'JSONEachRow',
      { run: runId, attempt },
      { timeoutMs: EXPORT_TIMEOUT_MS },
    );
  }
}
