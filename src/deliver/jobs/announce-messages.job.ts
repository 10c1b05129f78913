import { z } from 'zod';
import { defineJob } from '../../platform/queue/job.js';

/** Puts what became of messages on their users' timelines. */
export const ANNOUNCE_MESSAGES = defineJob({
  name: 'deliver.announce',
  queue: 'deliver',
  payload: z.object({ messageIds: z.array(z.string()) }),
  attempts: 3,
  backoffMs: 5_000,
});
