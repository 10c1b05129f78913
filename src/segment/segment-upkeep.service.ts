import { Injectable } from '@nestjs/common';
import { catchUp } from '../kernel/time/due-next.js';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { Clock } from '../platform/clock/clock.js';
import { JobQueue } from '../platform/queue/job.js';
import { SegmentUpkeep } from './contract.js';
import { SegmentTables } from './data/segment-tables.js';
import { addRunJob } from './jobs/segment-run.job.js';
import { ListUpkeep } from './list-upkeep.service.js';
import { LiveUpkeep } from './live-upkeep.service.js';
import { RunAnnouncer } from './run-announcer.service.js';
import { RunRetention } from './run-retention.service.js';
import { SegmentExportService } from './segment-export.service.js';

const SCHEDULE_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 15_000;
const RETENTION_EVERY_MS = 600_000;
/** A run that waited this long may have lost its job. */
const STRANDED_AFTER_MS = 30_000;
/** A job only says that it is worth looking for the next run, and each run that ends says so again. */
const MOST_WOKEN = 50;
const UNNOTIFIED_AFTER_MS = 10_000;

/** Starts what is due, and finds again what a lost job or a dead worker left behind. */
@Injectable()
export class SegmentUpkeepService extends SegmentUpkeep {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly tables: SegmentTables,
    private readonly announcer: RunAnnouncer,
    private readonly retention: RunRetention,
    private readonly exports: SegmentExportService,
    private readonly lists: ListUpkeep,
    private readonly live: LiveUpkeep,
  ) {
    super();
  }

  tasks(): UpkeepTask[] {
    return [
      { name: 'segment-schedules', everyMs: SCHEDULE_EVERY_MS, run: () => this.startDue() },
      { name: 'segment-sweep', everyMs: SWEEP_EVERY_MS, run: () => this.sweep() },
      { name: 'segment-exports', everyMs: SWEEP_EVERY_MS, run: () => this.exports.sweep() },
      { name: 'segment-retention', everyMs: RETENTION_EVERY_MS, run: () => this.retention.dropOld() },
      ...this.lists.tasks(),
      ...this.live.tasks(),
    ];
  }

  private async startDue(): Promise<void> {
    const nowMs = this.clock.now();
    const queued = await this.tables.runs.queueDue(nowMs, (segment) => catchUp(segment, nowMs));
    for (const run of queued) await addRunJob(this.queue, run, { nowMs });
  }

  private async sweep(): Promise<void> {
    const nowMs = this.clock.now();
    const stranded = await this.tables.runs.leases.findStranded(nowMs, STRANDED_AFTER_MS);
    for (const run of stranded.slice(0, MOST_WOKEN)) {
      await addRunJob(this.queue, run, { nowMs });
    }
    for (const run of await this.tables.runs.findUnnotified(nowMs - UNNOTIFIED_AFTER_MS)) {
      await this.announcer.announce(run);
    }
  }
}
