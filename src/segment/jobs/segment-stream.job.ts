import { z } from 'zod';
import { defineJob } from '../../platform/queue/job.js';

/** Writes what a segment has left to write to its topic. Lost, it is made again by the sweep. */
export const SEGMENT_STREAM = defineJob({
  name: 'segment.stream',
  queue: 'stream',
  payload: z.object({ segmentId: z.string() }),
  attempts: 1,
  backoffMs: 1_000,
});
