import { z } from 'zod';
import { defineJob } from '../../platform/queue/job.js';

/** Wakes a worker when timers are due. Which ones, their rows tell; the sweep finds those whose job was lost. */
export const TRIGGER_TIMERS = defineJob({
  name: 'trigger.timers',
  queue: 'trigger',
  payload: z.object({ dueAt: z.number() }),
  attempts: 3,
  backoffMs: 1_000,
});

/** Timers due within the same so many ms share one job. */
const BUCKET_MS = 250;

/** Timers due later are left to the sweep alone: it is at most a second behind, and jobs would pile up. */
const LONGEST_JOB_WAIT_MS = 3_600_000;

/** One job per bucket that holds a moment of `dueAts`; the same bucket asked for again is the same job. */
export function toWakeJobs(dueAts: readonly number[], nowMs: number) {
  const buckets = new Set(
    dueAts
      .filter((dueAt) => dueAt - nowMs <= LONGEST_JOB_WAIT_MS)
      .map((dueAt) => Math.ceil(dueAt / BUCKET_MS) * BUCKET_MS),
  );
  return [...buckets].map((dueAt) => ({
    payload: { dueAt },
    options: { id: `timers-${dueAt}`, delayMs: dueAt - nowMs },
  }));
}
