import { z } from 'zod';
import { defineJob, type JobQueue } from '../../platform/queue/job.js';
import type { QueuedRun } from '../../platform/runs/leased-runs.js';

/** Computes one snapshot. Its row tells everything else; the sweep finds snapshots whose job was lost. */
export const FEATURE_SNAPSHOT = defineJob({
  name: 'feature.snapshot',
  queue: 'feature',
  payload: z.object({ snapshotId: z.string() }),
  // The row counts the attempts: a job is repeated only where the row could not be reached.
  attempts: 3,
  backoffMs: 1_000,
});

/** Puts the next attempt at a snapshot into the queue; asked for again at once, it is the same job. */
export function addSnapshotJob(
  queue: JobQueue,
  snapshot: QueuedRun,
  at: { nowMs: number; delayMs?: number },
): Promise<void> {
  // A job that failed keeps its id taken, so that a minute later it has to be another one.
  const id = `${snapshot.id}-${snapshot.attempts}-${Math.floor(at.nowMs / 60_000)}`;
  return queue.add(FEATURE_SNAPSHOT, { snapshotId: snapshot.id }, { id, delayMs: at.delayMs ?? 0 });
}
