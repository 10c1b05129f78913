import { Injectable } from '@nestjs/common';
import { explainTooMuch } from '../platform/clickhouse/query-error.js';
import { Clock } from '../platform/clock/clock.js';
import { memberLimitText, type RunLimits, rowLimitText } from './core/forecast.js';
import type { SegmentRun } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';
import { toRefusal } from './data/sql-guard.js';
import { isDefinitionRefusal } from './definition-compiler.service.js';
import { ForecastService } from './forecast.service.js';
import { RunAnnouncer } from './run-announcer.service.js';
import { RunCompiler } from './run-compiler.service.js';

/** A run took more than it may; the message is for people. */
export class RunOverLimit extends Error {}

/** Finds the members of a run and what changed since the one before. */
@Injectable()
export class RunComputation {
  constructor(
    private readonly clock: Clock,
    private readonly tables: SegmentTables,
    private readonly compiler: RunCompiler,
    private readonly forecasts: ForecastService,
    private readonly announcer: RunAnnouncer,
  ) {}

  /** @throws ReferenceRefusal, SqlRefusal, RunOverLimit */
  async compute(run: SegmentRun, signal: AbortSignal): Promise<void> {
    const [compiled, limits] = await Promise.all([
      this.compiler.compile(run, true),
      this.forecasts.limitsOf(run.projectId),
    ]);
    const cost = await this.tables.members
      .fill(run, compiled, { ...limits, signal })
      .catch((error: unknown) => {
        throw (compiled.settings && toRefusal(error)) ?? toOverLimit(error, limits);
      });
    const before = await this.tables.runs.findLatestKept(run.segmentId, run.asOf.getTime());
    const counts = await this.tables.members.compare(
      { runId: run.id, attempt: run.attempts },
      before && { runId: before.id, attempt: before.attempts },
    );
    if (counts.members > limits.maxMembers) throw new RunOverLimit(memberLimitText(limits));
    const result = { ...compiled, counts, cost, comparedRunId: before?.id ?? null };
    if (await this.tables.runs.finish(run, result, this.clock.now())) {
      await this.announcer.announce({ ...run, memberCount: counts.members });
    }
  }
}

/** What people are told of an error of a run; null where its cause is only for the log. */
export function explainRunError(error: unknown): string | null {
  return isRefusal(error) ? error.message : explainTooMuch(error);
}

/** Whether another attempt would end the same way. */
export function isRefusal(error: unknown): error is Error {
  return isDefinitionRefusal(error) || error instanceof RunOverLimit;
}

function toOverLimit(error: unknown, limits: RunLimits): unknown {
  const isTooManyRows = (error as { type?: unknown } | null)?.type === 'TOO_MANY_ROWS';
  return isTooManyRows
    ? new RunOverLimit(`It would have read more rows than it may; ${rowLimitText(limits)}`)
    : error;
}
