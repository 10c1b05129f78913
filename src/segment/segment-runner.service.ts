import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { JobHandlers, JobQueue } from '../platform/queue/job.js';
import { RunWorker } from '../platform/runs/run-worker.js';
import type { SegmentRun } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';
import { addRunJob, addWakeJob, SEGMENT_RUN } from './jobs/segment-run.job.js';
import { explainRunError, isRefusal, RunComputation } from './run-computation.service.js';
import { SegmentLanes } from './segment-lanes.service.js';

/** Also how soon the query of a cancelled run ends. */
const RENEW_EVERY_MS = 2_000;

/** Computes the runs of segments, one at a time for each segment, in the order of the lanes. */
@Injectable()
export class SegmentRunner implements OnModuleInit {
  private readonly worker: RunWorker<SegmentRun>;

  constructor(
    clock: Clock,
    private readonly queue: JobQueue,
    private readonly handlers: JobHandlers,
    private readonly lanes: SegmentLanes,
    tables: SegmentTables,
    computation: RunComputation,
  ) {
    this.worker = new RunWorker(clock, {
      runs: tables.runs.leases,
      compute: (run, signal) => computation.compute(run, signal),
      explain: explainRunError,
      isFinal: isRefusal,
      enqueue: (run, at) => addRunJob(this.queue, run, at),
      renewEveryMs: RENEW_EVERY_MS,
    });
  }

  onModuleInit(): void {
    this.handlers.handle(SEGMENT_RUN, () => this.runNext());
  }

  /** A job says that it is worth looking; which run is next is found out here. */
  private async runNext(): Promise<void> {
    const run = await this.lanes.withNext(async (claimed, moreWait) => {
      if (moreWait) await addWakeJob(this.queue, claimed, 'more');
      await this.worker.execute(claimed);
    });
    // Its place is free, and there may be someone to take it.
    if (run) await addWakeJob(this.queue, run, 'after');
  }
}
