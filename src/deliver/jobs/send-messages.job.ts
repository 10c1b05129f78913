import { z } from 'zod';
import { defineJob } from '../../platform/queue/job.js';

/** Sends those of the messages that are still queued and due. Running it again sends nothing twice. */
export const SEND_MESSAGES = defineJob({
  name: 'deliver.send',
  queue: 'deliver',
  payload: z.object({ projectId: z.number(), messageIds: z.array(z.string()) }),
  attempts: 3,
  backoffMs: 5_000,
});
