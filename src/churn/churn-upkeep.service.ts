import { Injectable } from '@nestjs/common';
import { lastDue, nextRun } from '../kernel/time/next-run.js';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { Clock } from '../platform/clock/clock.js';
import { JobQueue } from '../platform/queue/job.js';
import { ChurnUpkeep } from './contract.js';
import type { ChurnModel } from './data/churn-model.repository.js';
import { ChurnTables } from './data/churn-tables.js';
import { addCheckJob } from './jobs/check-model-file.job.js';
import { addRunJob } from './jobs/churn-run.job.js';

const SCHEDULE_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 15_000;
/** A run that waited this long may have lost its job. */
const STRANDED_AFTER_MS = 30_000;

/** Starts what is due, and finds again what a lost job or a dead worker left behind. */
@Injectable()
export class ChurnUpkeepService extends ChurnUpkeep {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly tables: ChurnTables,
  ) {
    super();
  }

  tasks(): UpkeepTask[] {
    return [
      { name: 'churn-schedules', everyMs: SCHEDULE_EVERY_MS, run: () => this.startDue() },
      { name: 'churn-sweep', everyMs: SWEEP_EVERY_MS, run: () => this.sweep() },
    ];
  }

  private async startDue(): Promise<void> {
    const nowMs = this.clock.now();
    const queued = await this.tables.runs.queueDue(nowMs, (model) => planDue(model, nowMs));
    for (const run of queued) await addRunJob(this.queue, run, { nowMs });
  }

  private async sweep(): Promise<void> {
    const nowMs = this.clock.now();
    for (const file of await this.tables.files.findUnchecked(new Date(nowMs - STRANDED_AFTER_MS))) {
      await addCheckJob(this.queue, file);
    }
    for (const run of await this.tables.runs.findStranded(nowMs, STRANDED_AFTER_MS)) {
      await addRunJob(this.queue, run, { nowMs });
    }
  }
}

function planDue(model: ChurnModel, nowMs: number): { asOf: number; nextRunAt: number | null } {
  const dueMs = model.nextRunAt?.getTime() ?? nowMs;
  if (model.scheduleCron === null) return { asOf: dueMs, nextRunAt: null };
  const schedule = { cron: model.scheduleCron, timeZone: model.scheduleZone };
  return { asOf: lastDue(schedule, dueMs, nowMs), nextRunAt: nextRun(schedule, nowMs) };
}
