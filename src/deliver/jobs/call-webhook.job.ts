import { z } from 'zod';
import { defineJob } from '../../platform/queue/job.js';

/** Makes one request of a webhook call that is due. */
export const CALL_WEBHOOK = defineJob({
  name: 'deliver.webhook',
  queue: 'deliver',
  payload: z.object({ callId: z.string() }),
  attempts: 3,
  backoffMs: 5_000,
});
