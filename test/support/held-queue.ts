import { Clock } from '../../src/platform/clock/clock.js';
import {
  type AddOptions,
  type JobDefinition,
  JobHandlers,
  type JobQueue,
} from '../../src/platform/queue/job.js';

/** A clock that stands still until a test moves it. */
export class StoppedClock extends Clock {
  private ms = Date.now();
  now(): number {
    return this.ms;
  }
  advance(byMs: number): void {
    this.ms += byMs;
  }
}

/** Keeps jobs until a test runs them, so that it can run them twice, at once, late or never. */
export class HeldQueue extends JobHandlers implements JobQueue {
  jobs: { name: string; payload: unknown; dueAt: number }[] = [];
  private readonly handlers = new Map<string, (payload: unknown) => Promise<void>>();
  constructor(private readonly clock: Clock) {
    super();
  }

  handle<P>(job: JobDefinition<P>, run: (payload: P) => Promise<void>): void {
    this.handlers.set(job.name, (payload) => run(job.payload.parse(payload)));
  }

  add<P>(job: JobDefinition<P>, payload: P, options: AddOptions = {}): Promise<void> {
    return this.addMany(job, [{ payload, options }]);
  }

  async addMany<P>(
    job: JobDefinition<P>,
    entries: readonly { payload: P; options?: AddOptions }[],
  ): Promise<void> {
    for (const { payload, options } of entries) {
      this.jobs.push({
        name: job.name,
        payload: JSON.parse(JSON.stringify(payload)),
        dueAt: this.clock.now() + (options?.delayMs ?? 0),
      });
    }
  }

  /** As FLUSHALL does. */
  loseAll(): void {
    this.jobs = [];
  }

  /** Runs every job that is due, each `times` times at once, and those that they add. */
  async runDue(times = 1): Promise<void> {
    for (;;) {
      const due = this.jobs.filter(({ dueAt }) => dueAt <= this.clock.now());
      if (due.length === 0) return;
      this.jobs = this.jobs.filter((job) => !due.includes(job));
      const runs = due.flatMap((job) => Array.from({ length: times }, () => job));
      await Promise.all(runs.map((job) => this.run(job)));
    }
  }

  private async run(job: { name: string; payload: unknown }): Promise<void> {
    await this.handlers.get(job.name)?.(job.payload);
  }
}
