import { Injectable } from '@nestjs/common';
import { FeatureSets, type SnapshotRef } from '../feature/contract.js';
import type { SqlValue } from '../kernel/sql-params.js';
import { ClickHouse } from '../platform/clickhouse/clickhouse.js';
import { Config } from '../platform/config/config.js';
import { hasOnnxRuntime, ONNX_RUNTIME, OnnxProcess } from './compute/onnx-process.js';
import { writeScoreRows } from './compute/score-rows.js';
import { splitRows } from './compute/split-rows.js';
import { CannotFit, type Validation } from './core/fit.js';
import { featuresAsked, type OnnxDefinition } from './core/onnx-definition.js';
import { BASELINE_FEATURE, missingFeatures, snapshotSql } from './core/snapshot-sql.js';
import { warnOfBaseline } from './core/validate.js';
import type { ChurnRun, RunResult } from './data/churn-run.repository.js';
import { ChurnTables } from './data/churn-tables.js';
import type { ModelFile } from './data/model-file.repository.js';

/** Users that a model scores at once. */
const BATCH_USERS = 4_096;
const NUMBER_BYTES = 8;
const QUERY_LIMITS = { timeoutMs: 110_000, maxMemoryBytes: 8 * 1024 ** 3 };

/** Scores the users of snapshots with a model that was brought along. */
@Injectable()
export class OnnxComputation {
  constructor(
    private readonly config: Config,
    private readonly clickhouse: ClickHouse,
    private readonly features: FeatureSets,
    private readonly tables: ChurnTables,
  ) {}

  /** Starts a process for a model; it has to be stopped. @throws CannotFit where models cannot be run here */
  open(signal: AbortSignal): OnnxProcess {
    if (!hasOnnxRuntime()) {
      throw new CannotFit(`Models cannot be run here: install the package ${ONNX_RUNTIME}.`);
    }
    return new OnnxProcess(
      {
        maxMemoryBytes: this.config.get('CHURN_MODEL_MEMORY_BYTES'),
        answerTimeoutMs: this.config.get('CHURN_MODEL_ANSWER_MS'),
        maxCpuMs: this.config.get('CHURN_TIMEOUT_MS'),
      },
      signal,
    );
  }

  /**
   * Scores the snapshot with the latest cutoff up to the moment of the run; a run that trains judges the model first.
   * @throws CannotFit where trying again is of no use
   */
  async compute(definition: OnnxDefinition, run: ChurnRun, signal: AbortSignal): Promise<RunResult> {
    const file = await this.tables.files.findNewest(run.modelId, 'ready');
    if (!file) throw new CannotFit('The model has no file that can be used: send one.');
    const asOf = run.asOf.getTime();
    const snapshot = await this.features.snapshotAsOf(run.projectId, definition.featureSet, asOf);
    if (!snapshot)
      throw new CannotFit('The feature set has no snapshot as of that moment or before: take one.');
    assertFeatures(definition, snapshot);
    const process = this.open(signal);
    try {
      const bytes = await this.tables.files.readBytes(file.id);
      const { faults } = await process.ask({ do: 'open', file: bytes, definition });
      if (faults[0]) throw new CannotFit(faults[0].detail);
      const work = { process, definition, run, signal };
      const judged = run.task === 'train' ? await this.judge(work, file) : null;
      const { scored, unscored } = await this.score(work, snapshot);
      return {
        fitRunId: run.id,
        fit: {
          kind: 'onnx',
          fileId: file.id,
          sha256: file.sha256,
          snapshotId: snapshot.snapshotId,
          cutoff: new Date(snapshot.cutoff).toISOString(),
          judgedBy: judged?.by ?? null,
        },
        report: {
          users: 0,
          validation: judged?.validation ?? null,
          holdout: null,
          warnings: [
            ...(judged?.warnings ?? []),
            ...(unscored === 0
              ? []
              : [`${unscored} users got no score: a value is missing, or the model gave none.`]),
            ...(file.createdAt.getTime() > asOf
              ? ['The file is newer than the moment of the run: it may know what came after.']
              : []),
          ],
        },
        scoredCount: scored,
      };
    } finally {
      process.stop();
    }
  }

  private async judge(work: Work, file: ModelFile) {
    const { definition, run } = work;
    const snapshot = await this.features.labelledAsOf(run.projectId, definition.featureSet, {
      asOf: run.asOf.getTime(),
      cutoffFrom: file.trainedUntil?.getTime() ?? 0,
    });
    if (!snapshot) {
      return {
        by: null,
        validation: null,
        warnings: ['No snapshot with known labels was there to judge the model by.'],
      };
    }
    assertFeatures(definition, snapshot);
    const asked = featuresAsked(definition);
    const label = await this.features.labelSql(snapshot);
    for await (const rows of this.read(
      snapshotSql(asked, snapshot, { label }),
      asked.length + 2,
      work.signal,
    )) {
      await work.process.ask({ do: 'score_known', rows });
    }
    const judged = await work.process.ask({ do: 'judge' });
    const hasBaseline = snapshot.features.includes(BASELINE_FEATURE);
    const validation =
      judged === null || hasBaseline ? judged : { ...judged, baseline: { auc: null, liftInTopDecile: null } };
    return {
      by: { snapshotId: snapshot.snapshotId, cutoff: new Date(snapshot.cutoff).toISOString() },
      validation,
      warnings: doubtsOf(validation, { snapshot, trainedUntil: file.trainedUntil }),
    };
  }

  private async score({ process, definition, run, signal }: Work, snapshot: SnapshotRef) {
    const asked = featuresAsked(definition);
    const counts = { scored: 0, unscored: 0 };
    const start = { projectId: run.projectId, modelId: run.modelId, runId: run.id, attempt: run.attempts };
    let part = 0;
    for await (const rows of this.read(snapshotSql(asked, snapshot), asked.length, signal)) {
      const { users, scores } = await process.ask({ do: 'score', rows });
      const scored = Array.from(scores, (score, i) => ({
        userId: Number(users[i]),
        score,
        details: [],
      })).filter(({ score }) => !Number.isNaN(score));
      counts.scored += scored.length;
      counts.unscored += scores.length - scored.length;
      await this.tables.scores.insert(
        { runId: run.id, attempt: run.attempts },
        writeScoreRows(start, scored),
        part++,
      );
    }
    return counts;
  }

  /** The rows of a query, so many users at a time. */
  private async *read(
    { sql, params }: { sql: string; params: Record<string, SqlValue> },
    columns: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const stream = await this.clickhouse.stream(sql, 'RowBinary', params, { ...QUERY_LIMITS, signal });
    yield* splitRows(stream as AsyncIterable<Uint8Array>, {
      rowBytes: (1 + columns) * NUMBER_BYTES,
      rows: BATCH_USERS,
    });
  }
}

interface Work {
  process: OnnxProcess;
  definition: OnnxDefinition;
  run: ChurnRun;
  signal: AbortSignal;
}

function assertFeatures(definition: OnnxDefinition, snapshot: SnapshotRef): void {
  const missing = missingFeatures(featuresAsked(definition), snapshot);
  if (missing.length === 0) return;
  throw new CannotFit(
    `The snapshot ${snapshot.snapshotId} does not have ${missing.slice(0, 10).join(', ')}.`,
  );
}

function doubtsOf(
  validation: Validation | null,
  { snapshot, trainedUntil }: { snapshot: SnapshotRef; trainedUntil: Date | null },
): string[] {
  if (validation === null) return ['Nobody with a label got a score: the model was not judged.'];
  const doubts = [
    warnOfBaseline(validation),
    snapshot.features.includes(BASELINE_FEATURE)
      ? null
      : `The feature set has no ${BASELINE_FEATURE}: there is nothing to compare the model with.`,
    trainedUntil === null
      ? 'Nobody said until when the training data of the file went (trainedUntil): it may be judged by what it learned from.'
      : null,
  ];
  return doubts.filter((doubt) => doubt !== null);
}
