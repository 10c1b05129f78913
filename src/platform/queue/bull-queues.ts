import {
  createPostgresBackend,
  type JobsOptions,
  Queue,
  type QueueOptions,
  runMigrations,
  Worker,
} from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { outliveConnection } from '../db/outlive-connection.js';
import { log } from '../log/log.js';
import { metrics } from '../metrics/metrics.js';
import {
  type AddOptions,
  type JobDefinition,
  JobHandlers,
  type JobQueue,
  QUEUES,
  type QueueName,
} from './job.js';

const POOL_SIZE = Object.keys(QUEUES).length + 8;

type Handler = (payload: unknown) => Promise<void>;

export interface BullOptions {
  prefix: string;
  redisUrl: string | undefined;
  databaseUrl: string;
  /** Whether the tables of a queue in PostgreSQL may be made and changed. */
  migrate: boolean;
  /** How many jobs of a queue this process runs at once, where it is not the number in `QUEUES`. */
  concurrency?: Partial<Record<QueueName, number>>;
}

/** BullMQ on Redis where a URL is given, else on the PostgreSQL that holds everything else. */
export class BullQueues extends JobHandlers implements JobQueue {
  private readonly queues = new Map<QueueName, Queue>();
  private readonly workers: Worker[] = [];
  private readonly handlers = new Map<string, { job: JobDefinition<unknown>; run: Handler }>();
  private pool: pg.Pool | undefined;
  private redis: Redis | undefined;

  constructor(private readonly options: BullOptions) {
    super();
  }

  /** Opens the queues; a queue in PostgreSQL gets its tables here. */
  async open(): Promise<void> {
    if (this.options.redisUrl !== undefined) {
      this.redis = new Redis(this.options.redisUrl, {
        maxRetriesPerRequest: null,
      });
      this.redis.on('error', (error) => log.warn({ err: error }, 'Redis connection failed'));
    } else {
      this.pool = await this.openPool();
    }
    for (const name of Object.keys(QUEUES) as QueueName[]) {
      const queue = this.construct((options, backend) => new Queue(name, options, backend));
      queue.on('error', (error) => log.warn({ err: error, queue: name }, 'queue failed'));
      await queue.waitUntilReady();
      this.queues.set(name, queue);
    }
  }

  private async openPool(): Promise<pg.Pool> {
    const pool = new pg.Pool({
      connectionString: this.options.databaseUrl,
      // Each worker keeps one connection to listen on.
      max: POOL_SIZE,
      options: '-c search_path=bullmq',
      onConnect: outliveConnection,
    });
    // Each queue and worker listens for errors of the pool they share.
    pool.setMaxListeners(Object.keys(QUEUES).length * 4);
    pool.on('error', (error) => log.warn({ err: error }, 'PostgreSQL closed a queue connection'));
    if (this.options.migrate) {
      const client = await pool.connect();
      try {
        await runMigrations(client);
      } finally {
        client.release();
      }
    }
    return pool;
  }

  handle<P>(job: JobDefinition<P>, run: (payload: P) => Promise<void>): void {
    if (this.handlers.has(job.name)) throw new Error(`Two handlers for the job ${job.name}: keep one.`);
    this.handlers.set(job.name, {
      job: job as JobDefinition<unknown>,
      run: (payload) => run(job.payload.parse(payload)),
    });
  }

  /** Starts the workers of every queue that has a handler. */
  start(): void {
    const used = new Set([...this.handlers.values()].map(({ job }) => job.queue));
    for (const name of used) {
      const worker = this.construct(
        (options, backend) =>
          new Worker(
            name,
            (job) => this.run(job.name, job.data),
            {
              ...options,
              concurrency: this.options.concurrency?.[name] ?? QUEUES[name],
              lockDuration: 60_000,
              stalledInterval: 15_000,
            },
            backend,
          ),
      );
      worker.on('error', (error) => log.warn({ err: error, queue: name }, 'worker failed'));
      worker.on('failed', (job, error) =>
        log.warn({ err: error, job: job?.name, jobId: job?.id }, 'job failed'),
      );
      this.workers.push(worker);
    }
  }

  async add<P>(job: JobDefinition<P>, payload: P, options: AddOptions = {}): Promise<void> {
    await this.queue(job).add(job.name, payload, toBullOptions(job, options));
  }

  async addMany<P>(
    job: JobDefinition<P>,
    entries: readonly { payload: P; options?: AddOptions }[],
  ): Promise<void> {
    if (entries.length === 0) return;
    await this.queue(job).addBulk(
      entries.map((entry) => ({
        name: job.name,
        data: entry.payload,
        opts: toBullOptions(job, entry.options ?? {}),
      })),
    );
  }

  /** The queues themselves, for the dashboard. */
  all(): Queue[] {
    return [...this.queues.values()];
  }

  /** Takes no more jobs and lets the running ones end. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.close()));
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
    await this.pool?.end();
    this.redis?.disconnect();
  }

  private async run(name: string, payload: unknown): Promise<void> {
    const handler = this.handlers.get(name);
    if (!handler) throw new Error(`No handler for the job ${name}.`);
    const end = metrics.jobSeconds.startTimer({ job: name });
    try {
      await handler.run(payload);
      end({ result: 'done' });
    } catch (error) {
      end({ result: 'failed' });
      throw error;
    }
  }

  private queue<P>(job: JobDefinition<P>): Queue {
    const queue = this.queues.get(job.queue);
    if (!queue) throw new Error(`The queue ${job.queue} is not open.`);
    return queue;
  }

  private construct<T>(make: (options: QueueOptions, backend?: never) => T): T {
    const prefix = this.options.prefix;
    if (this.redis) return make({ connection: this.redis, prefix });
    // BullMQ types the backend by its connection; the factory and the pool belong together here.
    const options = {
      connection: this.pool,
      prefix,
    } as unknown as QueueOptions;
    return make(options, createPostgresBackend as never);
  }
}

function toBullOptions<P>(job: JobDefinition<P>, options: AddOptions): JobsOptions {
  return {
    attempts: job.attempts,
    backoff: { type: 'exponential', delay: job.backoffMs },
    removeOnComplete: true,
    // Kept for the dashboard only: what has to be done again is found by the sweeps.
    removeOnFail: { count: 1_000 },
    priority: options.priority ?? 10,
    ...(options.id === undefined ? {} : { jobId: options.id }),
    ...(options.delayMs === undefined ? {} : { delay: Math.max(0, Math.round(options.delayMs)) }),
  };
}
