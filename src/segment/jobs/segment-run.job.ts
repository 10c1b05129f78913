import { z } from 'zod';
import { defineJob, type JobQueue } from '../../platform/queue/job.js';

/**
 * Looks for a run to compute: the rows tell which one is next, and the one that is named is only why it was made. The
 * sweep finds runs whose job was lost.
 */
export const SEGMENT_RUN = defineJob({
  name: 'segment.run',
  queue: 'segment',
  payload: z.object({ runId: z.string() }),
  // The row counts the attempts at the query: a job is repeated only where the row could not be reached.
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
  return queue.add(SEGMENT_RUN, { runId: run.id }, { id, delayMs: at.delayMs ?? 0 });
}

/** Has someone look for the next run, because one ended or because more could begin. */
export function addWakeJob(
  queue: JobQueue,
  run: { id: string; attempts: number },
  why: 'after' | 'more',
): Promise<void> {
  return queue.add(SEGMENT_RUN, { runId: run.id }, { id: `${why}-${run.id}-${run.attempts}` });
}
