import { Injectable } from '@nestjs/common';
import { Projects } from '../access/contract.js';
import { ClickHouse } from '../platform/clickhouse/clickhouse.js';
import { Config } from '../platform/config/config.js';
import { ComputeThread } from './compute/compute-thread.js';
import type { FittedDefinition } from './core/definition.js';
import { CannotFit, type ChurnFit } from './core/fit.js';
import { planTables, type TableName } from './core/plan-tables.js';
import type { TableSql } from './core/table.js';
import type { ChurnModel } from './data/churn-model.repository.js';
import type { ChurnRun, RunResult } from './data/churn-run.repository.js';
import { ChurnTables } from './data/churn-tables.js';
import { OnnxComputation } from './onnx-computation.js';

const GIB = 1024 ** 3;
const MAX_QUERY_BYTES = 8 * GIB;
/** Below the time after which the connection to ClickHouse is given up. */
const QUERY_TIMEOUT_MS = 110_000;

/** Carries the rows of a run from ClickHouse to its thread, and the scores back. */
@Injectable()
export class RunComputation {
  constructor(
    private readonly config: Config,
    private readonly projects: Projects,
    private readonly clickhouse: ClickHouse,
    private readonly tables: ChurnTables,
    private readonly onnx: OnnxComputation,
  ) {}

  /**
   * Fits where the run trains, scores everyone, and stores the scores under the attempt.
   * @throws `CannotFit` where trying again is of no use; the message is for people
   */
  async compute(model: ChurnModel, run: ChurnRun, cancelled: AbortSignal): Promise<RunResult> {
    const timeoutMs = this.config.get('CHURN_TIMEOUT_MS');
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new CannotFit(`The run took longer than it may, which is ${timeoutMs / 1000} s.`)),
      timeoutMs,
    );
    const signal = AbortSignal.any([cancelled, late.signal]);
    try {
      return await this.computeKind(model, run, signal);
    } catch (error) {
      // What broke because the work was ended has that as its cause.
      throw signal.aborted ? signal.reason : error;
    } finally {
      clearTimeout(timer);
    }
  }

  private computeKind(model: ChurnModel, run: ChurnRun, signal: AbortSignal): Promise<RunResult> {
    const { definition } = model;
    switch (definition.kind) {
      case 'onnx':
        return this.onnx.compute(definition, run, signal);
      case 'uploaded':
        throw new CannotFit('The scores of this model are uploaded.');
      default:
        return this.computeFitted(model, definition, { run, signal });
    }
  }

  private async computeFitted(
    model: ChurnModel,
    definition: FittedDefinition,
    { run, signal }: { run: ChurnRun; signal: AbortSignal },
  ): Promise<RunResult> {
    const earlier = run.task === 'score' ? await this.getEarlierFit(run) : null;
    const { timeZone } = await this.projects.get(run.projectId);
    const plan = planTables(definition, run.task, {
      projectId: run.projectId,
      timeZone,
      asOf: run.asOf.getTime(),
    });
    const thread = new ComputeThread(toSetup(model.id, definition, { run, plan }), signal);
    try {
      await this.feed(thread, plan, signal);
      const fitted = earlier ? null : await thread.ask({ do: 'fit' });
      const fit = fitted?.fit ?? earlier?.fit;
      if (!fit) throw new Error('There is nothing to score with.');
      const scoredCount = await thread.ask({ do: 'score', fit });
      await this.storeScores(thread, run);
      return {
        fitRunId: earlier?.runId ?? run.id,
        fit: fitted?.fit ?? null,
        report: fitted?.report ?? null,
        scoredCount,
      };
    } finally {
      await thread.stop();
    }
  }

  /** Only a fit from no later than the run's own moment: another one would know what came after. */
  private async getEarlierFit(run: ChurnRun): Promise<{ runId: string; fit: ChurnFit }> {
    const trained = await this.tables.runs.findLatestDone(run.modelId, {
      task: 'train',
      untilMs: run.asOf.getTime(),
    });
    if (!trained?.fit)
      throw new CannotFit('The model was not trained as of that moment or before: train it.');
    return { runId: trained.id, fit: trained.fit };
  }

  private async feed(
    thread: ComputeThread,
    plan: Partial<Record<TableName, TableSql>>,
    signal: AbortSignal,
  ): Promise<void> {
    const maxBytes = this.config.get('CHURN_TABLE_BYTES');
    for (const [table, { sql, params }] of Object.entries(plan) as [TableName, TableSql][]) {
      const rows = await this.clickhouse.stream(sql, 'RowBinary', params, {
        timeoutMs: QUERY_TIMEOUT_MS,
        maxMemoryBytes: MAX_QUERY_BYTES,
        signal,
      });
      let bytesRead = 0;
      for await (const bytes of rows as AsyncIterable<Uint8Array>) {
        bytesRead += bytes.byteLength;
        if (bytesRead > maxBytes) throw new CannotFit('The model looks at more users than fit into memory.');
        await thread.ask({ do: 'rows', table, bytes });
      }
    }
  }

  private async storeScores(thread: ComputeThread, run: ChurnRun): Promise<void> {
    const scores = { runId: run.id, attempt: run.attempts };
    for (let part = 0; ; part++) {
      const rows = await thread.ask({ do: 'next_scores' });
      if (rows === null) return;
      await this.tables.scores.insert(scores, rows, part);
    }
  }
}

function toSetup(
  modelId: string,
  definition: FittedDefinition,
  { run, plan }: { run: ChurnRun; plan: Partial<Record<TableName, TableSql>> },
) {
  const columns = Object.fromEntries(Object.entries(plan).map(([name, table]) => [name, table.columns]));
  const row = { projectId: run.projectId, modelId, runId: run.id, attempt: run.attempts };
  return { definition, columns, row };
}
