import { toRunError } from '../clickhouse/query-error.js';
import type { Clock } from '../clock/clock.js';
import { log } from '../log/log.js';
import type { LeasedRun, LeasedRuns, QueuedRun } from './leased-runs.js';

/** How long a worker holds a run without renewing. */
export const LEASE_MS = 60_000;
const RENEW_EVERY_MS = 20_000;
/** How often one wish for a run is tried. */
export const MAX_TRIES = 3;
const FIRST_RETRY_MS = 5_000;

/** What a kind of run has of its own. */
export interface RunWork<Run extends LeasedRun> {
  runs: LeasedRuns<Run>;
  /** Computes the run and finishes its row; the signal says that another worker has it now. */
  compute: (run: Run, signal: AbortSignal) => Promise<void>;
  /** What people are told of a failure that only this kind of run has; null for others. */
  explain?: (error: unknown) => string | null;
  /** Whether another try would fail the same way. Default: no failure is like that. */
  isFinal?: (error: unknown) => boolean;
  /** How often the lease is renewed, which is also how soon a cancelled run ends. Default: 20 s. */
  renewEveryMs?: number;
  /** Puts the next attempt into the queue. */
  enqueue: (run: QueuedRun, at: { nowMs: number; delayMs?: number }) => Promise<void>;
}

/** Computes runs, one at a time for each owner, and tries again those that fail. */
export class RunWorker<Run extends LeasedRun> {
  constructor(
    private readonly clock: Clock,
    private readonly work: RunWork<Run>,
  ) {}

  /** Runs it if it waits and its owner has no other run under way; else whoever ends that one starts the next. */
  async run(runId: string): Promise<void> {
    const run = await this.work.runs.claim(runId, this.clock.now(), LEASE_MS);
    if (!run) return;
    await this.execute(run);
    await this.startNext(runId);
  }

  /** Computes a run that was claimed already. */
  async execute(run: Run): Promise<void> {
    if (run.tries > MAX_TRIES) await this.giveUp(run, new Error('Every worker that tried the run died.'));
    else await this.attempt(run);
  }

  private async attempt(run: Run): Promise<void> {
    const lost = new AbortController();
    const renewal = setInterval(() => void this.renew(run, lost), this.work.renewEveryMs ?? RENEW_EVERY_MS);
    try {
      await this.work.compute(run, lost.signal);
    } catch (error) {
      if (!lost.signal.aborted) await this.giveUp(run, error);
    } finally {
      clearInterval(renewal);
    }
  }

  private async renew(run: Run, lost: AbortController): Promise<void> {
    try {
      if (!(await this.work.runs.renew(run, this.clock.now() + LEASE_MS))) lost.abort();
    } catch (error) {
      log.warn({ err: error, runId: run.id }, 'the lease of a run could not be renewed');
    }
  }

  private async giveUp(run: Run, error: unknown): Promise<void> {
    log.warn({ err: error, runId: run.id, attempt: run.attempts }, 'an attempt at a run failed');
    const nowMs = this.clock.now();
    const delayMs = FIRST_RETRY_MS * 2 ** (run.tries - 1);
    const isLast = run.tries >= MAX_TRIES || (this.work.isFinal?.(error) ?? false);
    await this.work.runs.giveUp(run, this.work.explain?.(error) ?? toRunError(error), {
      nowMs,
      retryAtMs: isLast ? null : nowMs + delayMs,
    });
    if (!isLast) await this.work.enqueue(run, { nowMs, delayMs });
  }

  private async startNext(runId: string): Promise<void> {
    const nowMs = this.clock.now();
    const next = await this.work.runs.findNextQueued(runId, nowMs);
    if (next) await this.work.enqueue(next, { nowMs });
  }
}
