import { z } from 'zod';
import { defineJob, type JobQueue } from '../../platform/queue/job.js';

/** Checks a file of a model in a worker. Its row tells everything else; the sweep finds files whose job was lost. */
export const CHECK_MODEL_FILE = defineJob({
  name: 'churn.check-file',
  queue: 'churn',
  payload: z.object({ fileId: z.string() }),
  attempts: 3,
  backoffMs: 1_000,
});

export function addCheckJob(queue: JobQueue, file: { id: string; tries: number }): Promise<void> {
  // Before the runs that wait: somebody waits for the answer.
  return queue.add(CHECK_MODEL_FILE, { fileId: file.id }, { id: `${file.id}-${file.tries}`, priority: 1 });
}
