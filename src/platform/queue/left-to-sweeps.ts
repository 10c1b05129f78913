import { log } from '../log/log.js';

/** The rows are written: a queue that takes no job now must not make the caller believe otherwise. */
export async function leftToSweeps(adding: Promise<void>): Promise<void> {
  try {
    await adding;
  } catch (error) {
    log.warn({ err: error }, 'jobs could not be queued: a sweep will queue them');
  }
}
