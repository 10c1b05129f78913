import { z } from 'zod';
import { defineJob, type JobQueue } from '../../platform/queue/job.js';

/** Computes one run. Its row tells everything else; the sweep finds runs whose job was lost. */
export const CHURN_RUN = defineJob({
  name: 'churn.run',
  queue: 'churn',
  payload: z.object({ runId: z.string() }),
  // The row counts the attempts at the run: a job is repeated only where the row could not be reached.
  attempts: 3,
  backoffMs: 1_000,
});

/** Puts the next attempt at a run into the queue; asked for again at once, it is the same job. */
export function addRunJob(
  queue: JobQueue,
  run: { id: string; attempts: number },
  at: { nowMs: number; delayMs?: number },
): Promise<void> {
  // A job that failed keeps its id taken, so that a minute later it has to be another one.
  const id = `${run.id}-${run.attempts}-${Math.floor(at.nowMs / 60_000)}`;
  return queue.add(CHURN_RUN, { runId: run.id }, { id, delayMs: at.delayMs ?? 0 });
}
