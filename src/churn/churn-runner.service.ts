import { Injectable, type OnModuleInit } from '@nestjs/common';
import { toRunError } from '../platform/clickhouse/query-error.js';
import { Clock } from '../platform/clock/clock.js';
import { log } from '../platform/log/log.js';
import { JobHandlers, JobQueue } from '../platform/queue/job.js';
import { CannotFit } from './core/fit.js';
import type { ChurnRun } from './data/churn-run.repository.js';
import { ChurnTables } from './data/churn-tables.js';
import { addRunJob, CHURN_RUN } from './jobs/churn-run.job.js';
import { RunComputation } from './run-computation.js';

const LEASE_MS = 60_000;
/** Also how soon a cancelled run ends. */
const RENEW_EVERY_MS = 3_000;
/** How often one wish for a run is tried. */
const MAX_TRIES = 3;
const FIRST_RETRY_MS = 5_000;

/** Computes the runs of churn models, one at a time for each model. */
@Injectable()
export class ChurnRunner implements OnModuleInit {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly handlers: JobHandlers,
    private readonly tables: ChurnTables,
    private readonly computation: RunComputation,
  ) {}

  onModuleInit(): void {
    this.handlers.handle(CHURN_RUN, ({ runId }) => this.run(runId));
  }

  /** Runs it if it waits and its model has no other run under way; else whoever ends that one starts the next. */
  async run(runId: string): Promise<void> {
    const run = await this.tables.runs.claim(runId, this.clock.now(), LEASE_MS);
    if (!run) return;
    if (run.tries > MAX_TRIES) await this.giveUp(run, new Error('Every worker that tried the run died.'));
    else await this.attempt(run);
    await this.startNext(run.modelId);
  }

  private async attempt(run: ChurnRun): Promise<void> {
    const lost = new AbortController();
    const renewal = setInterval(() => void this.renew(run, lost), RENEW_EVERY_MS);
    try {
      const model = await this.tables.models.find(run.projectId, run.modelId);
      if (!model) throw new Error(`There is no model ${run.modelId}.`);
      const result = await this.computation.compute(model, run, lost.signal);
      await this.tables.runs.finish(run, result, this.clock.now());
    } catch (error) {
      if (!lost.signal.aborted) await this.giveUp(run, error);
    } finally {
      clearInterval(renewal);
    }
  }

  private async renew(run: ChurnRun, lost: AbortController): Promise<void> {
    try {
      if (!(await this.tables.runs.renew(run, this.clock.now() + LEASE_MS))) lost.abort();
    } catch (error) {
      log.warn({ err: error, runId: run.id }, 'the lease of a churn run could not be renewed');
    }
  }

  private async giveUp(run: ChurnRun, error: unknown): Promise<void> {
    const isRefusal = error instanceof CannotFit;
    if (!isRefusal)
      log.warn({ err: error, runId: run.id, attempt: run.attempts }, 'an attempt at a churn run failed');
    const nowMs = this.clock.now();
    const delayMs = FIRST_RETRY_MS * 2 ** (run.tries - 1);
    const isLast = isRefusal || run.tries >= MAX_TRIES;
    await this.tables.runs.giveUp(run, isRefusal ? error.message : toRunError(error), {
      nowMs,
      retryAtMs: isLast ? null : nowMs + delayMs,
    });
    if (!isLast) await addRunJob(this.queue, run, { nowMs, delayMs });
  }

  private async startNext(modelId: string): Promise<void> {
    const nowMs = this.clock.now();
    const next = await this.tables.runs.findNextQueued(modelId, nowMs);
    if (next) await addRunJob(this.queue, next, { nowMs });
  }
}
