import { Injectable } from '@nestjs/common';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { JobQueue } from '../platform/queue/job.js';
import { ChangeAnnouncer } from './change-announcer.service.js';
import { ChangeStreamer } from './change-streamer.service.js';
import { LiveTables } from './data/live-tables.js';
import { addLiveJobs } from './jobs/segment-live.job.js';

const DUE_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 30_000;
const STREAM_EVERY_MS = 5_000;
/** Changes that were found so long ago and are not told may have lost their process. */
const UNTOLD_AFTER_MS = 30_000;
/** A build that counts for nothing may still be under way until it is so old. */
const DEAD_BUILD_AFTER_MS = 1_800_000;
/** As long as ClickHouse keeps who they were. */
const BATCHES_KEPT_MS = 91 * 86_400_000;

/** Starts the updates of live segments, and tidies up behind them. */
@Injectable()
export class LiveUpkeep {
  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly queue: JobQueue,
    private readonly tables: LiveTables,
    private readonly announcer: ChangeAnnouncer,
    private readonly streamer: ChangeStreamer,
  ) {}

  tasks(): UpkeepTask[] {
    return [
      { name: 'segment-live', everyMs: DUE_EVERY_MS, run: () => this.startDue() },
      { name: 'segment-live-sweep', everyMs: SWEEP_EVERY_MS, run: () => this.sweep() },
      { name: 'segment-stream', everyMs: STREAM_EVERY_MS, run: () => this.streamer.sweep() },
    ];
  }

  private async startDue(): Promise<void> {
    const nowMs = this.clock.now();
    const everyMs = this.config.get('SEGMENT_LIVE_SECONDS') * 1000;
    const due = await this.tables.live.takeDue(nowMs - everyMs, nowMs);
    if (due.length > 0) await addLiveJobs(this.queue, due, nowMs);
  }

  private async sweep(): Promise<void> {
    const nowMs = this.clock.now();
    for (const batch of await this.tables.batches.findOpen(nowMs - UNTOLD_AFTER_MS)) {
      await this.announcer.announce(batch);
    }
    await this.tables.live.pruneInbox();
    for (const build of await this.tables.live.findDeadBuilds(nowMs - DEAD_BUILD_AFTER_MS)) {
      await this.tables.dropBuild(build);
    }
    await this.streamer.dropOld(nowMs - BATCHES_KEPT_MS);
    await this.tables.batches.prune(nowMs - BATCHES_KEPT_MS);
  }
}
