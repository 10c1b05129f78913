import type { z } from 'zod';

/**
 * Queues and how many of their jobs one worker process runs at once: each kind of work has its own lane. Settings may
 * say otherwise.
 */
export const QUEUES = {
  trigger: 8,
  segment: 4,
  live: 2,
  stream: 2,
  export: 1,
  feature: 1,
  recall: 2,
  deliver: 8,
  attribution: 4,
  churn: 1,
} as const;
export type QueueName = keyof typeof QUEUES;

/**
 * A kind of job. Its payload is a reference to rows in PostgreSQL, never the truth itself:
 * the queue may lose any job, and a sweep over the rows makes it again.
 */
export interface JobDefinition<P> {
  name: string;
  queue: QueueName;
  payload: z.ZodType<P>;
  /** How often it is run when it throws. */
  attempts: number;
  /** Wait before the second try; doubles with each further one. */
  backoffMs: number;
}

export function defineJob<P>(definition: JobDefinition<P>): JobDefinition<P> {
  return Object.freeze(definition);
}

export interface AddOptions {
  /** Two jobs with one id are one job while the first is waiting or running. No `:`, not an integer. */
  id?: string;
  delayMs?: number;
  /** 1 first; default 10. */
  priority?: number;
}

/** Puts jobs into their queues. */
export abstract class JobQueue {
  abstract add<P>(job: JobDefinition<P>, payload: P, options?: AddOptions): Promise<void>;
  abstract addMany<P>(
    job: JobDefinition<P>,
    entries: readonly { payload: P; options?: AddOptions }[],
  ): Promise<void>;
}

/** Where a stage says, while its module starts, which function runs its jobs. */
export abstract class JobHandlers {
  abstract handle<P>(job: JobDefinition<P>, run: (payload: P) => Promise<void>): void;
}
