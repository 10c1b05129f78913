import { z } from 'zod';
import { defineJob } from '../../platform/queue/job.js';

/** Plans what is left of a planning run. Running it again plans nothing twice. */
export const PLAN_CAMPAIGN = defineJob({
  name: 'recall.plan',
  queue: 'recall',
  payload: z.object({ planRunId: z.string() }),
  attempts: 3,
  backoffMs: 5_000,
});
