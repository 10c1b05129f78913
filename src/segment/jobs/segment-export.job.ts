import { z } from 'zod';
import { defineJob, type JobQueue } from '../../platform/queue/job.js';

/** Writes one file. Its row tells everything else; the sweep finds exports whose job was lost. */
export const SEGMENT_EXPORT = defineJob({
  name: 'segment.export',
  queue: 'export',
  payload: z.object({ exportId: z.string() }),
  attempts: 3,
  backoffMs: 1_000,
});

/** Puts the next attempt at an export into the queue; asked for again at once, it is the same job. */
export function addExportJob(
  queue: JobQueue,
  file: { id: string; attempts: number },
  at: { nowMs: number; delayMs?: number },
): Promise<void> {
  const id = `${file.id}-${file.attempts}-${Math.floor(at.nowMs / 60_000)}`;
  return queue.add(SEGMENT_EXPORT, { exportId: file.id }, { id, delayMs: at.delayMs ?? 0 });
}
