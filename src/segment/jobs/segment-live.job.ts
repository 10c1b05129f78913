import { z } from 'zod';
import { defineJob, type JobQueue } from '../../platform/queue/job.js';

/** Brings one live segment up to date. Lost, it is made again within one interval. */
export const SEGMENT_LIVE = defineJob({
  name: 'segment.live',
  queue: 'live',
  payload: z.object({ segmentId: z.string() }),
  attempts: 1,
  backoffMs: 1_000,
});

export function addLiveJobs(queue: JobQueue, segmentIds: readonly string[], nowMs: number): Promise<void> {
  return queue.addMany(
    SEGMENT_LIVE,
    segmentIds.map((segmentId) => ({
      payload: { segmentId },
      options: { id: `${segmentId}-live-${nowMs}` },
    })),
  );
}
