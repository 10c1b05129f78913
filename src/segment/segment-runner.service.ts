import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Projects } from '../access/contract.js';
import { Clock } from '../platform/clock/clock.js';
import { JobHandlers, JobQueue } from '../platform/queue/job.js';
import { RunWorker } from '../platform/runs/run-worker.js';
import { compileSegment } from './core/compile-segment.js';
import { ReferenceRefusal } from './core/inline-segments.js';
import type { SegmentRun } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';
import { addRunJob, SEGMENT_RUN } from './jobs/segment-run.job.js';
import { RunAnnouncer } from './run-announcer.service.js';
import { SegmentReferences } from './segment-references.service.js';

/** Computes the runs of segments, one at a time for each segment. */
@Injectable()
export class SegmentRunner implements OnModuleInit {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly handlers: JobHandlers,
    private readonly projects: Projects,
    private readonly tables: SegmentTables,
    private readonly announcer: RunAnnouncer,
    private readonly references: SegmentReferences,
  ) {}

  onModuleInit(): void {
    const worker = new RunWorker(this.clock, {
      runs: this.tables.runs.leases,
      compute: (run, signal) => this.compute(run, signal),
      explain: (error) => (error instanceof ReferenceRefusal ? error.message : null),
      enqueue: (run, at) => addRunJob(this.queue, run, at),
    });
    this.handlers.handle(SEGMENT_RUN, ({ runId }) => worker.run(runId));
  }

  private async compute(run: SegmentRun, signal: AbortSignal): Promise<void> {
    const version = await this.tables.segments.findVersion(run.segmentId, run.version);
    if (!version) throw new Error(`The segment ${run.segmentId} has no version ${run.version}.`);
    const { timeZone } = await this.projects.get(run.projectId);
    const asOf = run.asOf.getTime();
    const definition = await this.references.inline(run.projectId, version.definition, run.segmentId);
    const compiled = compileSegment(definition, { projectId: run.projectId, asOf, timeZone });
    await this.tables.members.fill(run, compiled, signal);
    const before = await this.tables.runs.findLatestDone(run.segmentId, asOf);
    const counts = await this.tables.members.compare(
      { runId: run.id, attempt: run.attempts },
      before && { runId: before.id, attempt: before.attempts },
    );
    if (await this.tables.runs.finish(run, { ...compiled, counts }, this.clock.now())) {
      await this.announcer.announce({ ...run, memberCount: counts.members });
    }
  }
}
