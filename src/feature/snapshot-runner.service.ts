import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { JobHandlers, JobQueue } from '../platform/queue/job.js';
import { RunWorker } from '../platform/runs/run-worker.js';
import { compileFeatures, type FeatureContext, splitByGuard } from './core/compile-features.js';
import { isPastCutoff } from './core/feature-set.js';
import { FeatureTables } from './data/feature-tables.js';
import type { Snapshot } from './data/snapshot.repository.js';
import { addSnapshotJob, FEATURE_SNAPSHOT } from './jobs/snapshot.job.js';

/** Computes snapshots, one at a time for each feature set. */
@Injectable()
export class SnapshotRunner implements OnModuleInit {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly handlers: JobHandlers,
    private readonly tables: FeatureTables,
  ) {}

  onModuleInit(): void {
    const worker = new RunWorker(this.clock, {
      runs: this.tables.snapshots.leases,
      compute: (snapshot, signal) => this.compute(snapshot, signal),
      enqueue: (snapshot, at) => addSnapshotJob(this.queue, snapshot, at),
    });
    this.handlers.handle(FEATURE_SNAPSHOT, ({ snapshotId }) => worker.run(snapshotId));
  }

  private async compute(snapshot: Snapshot, signal: AbortSignal): Promise<void> {
    const context = toContext(snapshot);
    const isPast = isPastCutoff(context.cutoff, this.clock.now());
    const { computed, excluded } = splitByGuard(snapshot.plan.features, isPast);
    await this.tables.values.fill(snapshot, computed, context, signal);
    const [rowCount, lateCount] = await Promise.all([
      this.tables.values.count(snapshot),
      context.asKnown ? this.tables.values.countLate(context) : 0,
    ]);
    await this.tables.snapshots.finish(
      snapshot,
      {
        rowCount,
        lateCount,
        excluded: excluded.map((name) => ({ name, reason: 'not_as_of' as const })),
        ...compileFeatures(computed, context),
      },
      this.clock.now(),
    );
  }
}

function toContext({ projectId, cutoff, plan }: Snapshot): FeatureContext {
  const { timeZone, asKnown, lifecycle, activeWithinDays } = plan;
  return { projectId, cutoff: cutoff.getTime(), timeZone, asKnown, lifecycle, activeWithinDays };
}
