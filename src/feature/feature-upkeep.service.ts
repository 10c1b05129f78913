import { Injectable } from '@nestjs/common';
import { catchUp } from '../kernel/time/due-next.js';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { Clock } from '../platform/clock/clock.js';
import { JobQueue } from '../platform/queue/job.js';
import { FeatureUpkeep } from './contract.js';
import { SnapshotRepository } from './data/snapshot.repository.js';
import { addSnapshotJob } from './jobs/snapshot.job.js';

const SCHEDULE_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 15_000;
/** A snapshot that waited this long may have lost its job. */
const STRANDED_AFTER_MS = 30_000;

/** Starts what is due, and finds again what a lost job or a dead worker left behind. */
@Injectable()
export class FeatureUpkeepService extends FeatureUpkeep {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly snapshots: SnapshotRepository,
  ) {
    super();
  }

  tasks(): UpkeepTask[] {
    return [
      { name: 'feature-schedules', everyMs: SCHEDULE_EVERY_MS, run: () => this.startDue() },
      { name: 'feature-sweep', everyMs: SWEEP_EVERY_MS, run: () => this.sweep() },
    ];
  }

  private async startDue(): Promise<void> {
    const nowMs = this.clock.now();
    const queued = await this.snapshots.queueDue(nowMs, (set) => catchUp(set, nowMs));
    for (const snapshot of queued) await addSnapshotJob(this.queue, snapshot, { nowMs });
  }

  private async sweep(): Promise<void> {
    const nowMs = this.clock.now();
    for (const snapshot of await this.snapshots.leases.findStranded(nowMs, STRANDED_AFTER_MS)) {
      await addSnapshotJob(this.queue, snapshot, { nowMs });
    }
  }
}
