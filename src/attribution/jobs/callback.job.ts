import { z } from 'zod';
import { defineJob } from '../../platform/queue/job.js';

/** Tells an ad network of one conversion. The row decides whether it is due; running it again is harmless. */
export const CALLBACK_JOB = defineJob({
  name: 'attribution.callback',
  queue: 'attribution',
  payload: z.object({ callbackId: z.string() }),
  attempts: 3,
  backoffMs: 1_000,
});

/** A job of its own for each try: a queue that remembers an old id must not swallow the next one. */
export function callbackJobId(callbackId: string, tryNumber: number): string {
  return `${callbackId}-${tryNumber}`;
}
