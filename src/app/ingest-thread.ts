import { Worker } from 'node:worker_threads';
import { Injectable } from '@nestjs/common';
import { Config } from '../platform/config/config.js';
import type { Settings } from '../platform/config/settings.js';
import { News, type NewsMessage } from '../platform/threads/news.js';

/** Longest wait for the metrics of a thread that is busy. */
const METRICS_WAIT_MS = 1_000;

/** What the thread gives: `settings` are those that only this process knows. */
export interface IngestThreadData {
  settings: Partial<Settings>;
}
/** What the thread is told. */
export type ToIngest = { kind: 'news'; news: NewsMessage } | { kind: 'metrics' } | { kind: 'stop' };
/** What it tells. */
export type FromIngest =
  | { kind: 'reading' }
  | { kind: 'news'; news: NewsMessage }
  | { kind: 'metrics'; metrics: object[] };

/**
 * The ingest flow in a thread of its own, so that no answer to an SDK waits for a batch. It has connections of its own
 * to the stores, and hears of new rows in the journal and of changes through `News`.
 */
@Injectable()
export class IngestThread {
  private worker: Worker | null = null;
  private isStopping = false;
  /** What the thread last counted, and who waits for it to count again. */
  private counted: object[] = [];
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly config: Config,
    private readonly news: News,
  ) {}

  /**
   * Resolves when the journal is being read.
   * @param onEnd called when the thread ends by itself: the process cannot go on
   * @throws where the thread cannot start
   */
  async start(onEnd: (error: unknown) => void): Promise<void> {
    const { config } = this;
    const settings: Partial<Settings> = {
      ROLE: ['worker'],
      HTTP_PORT: config.get('HTTP_PORT'),
      DATABASE_URL: config.get('DATABASE_URL'),
      CLICKHOUSE_URL: config.get('CLICKHOUSE_URL'),
      MIGRATE: 'check',
    };
    const worker = new Worker(new URL('./ingest.worker.js', import.meta.url), {
      workerData: { settings } satisfies IngestThreadData,
    });
    this.worker = worker;
    this.news.connect((news) => this.send({ kind: 'news', news }));
    let failure: unknown = null;
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromIngest) => {
        if (message.kind === 'reading') resolve();
        else if (message.kind === 'news') this.news.hear(message.news);
        else this.take(message.metrics);
      });
      worker.on('error', (error) => {
        failure = error;
      });
      worker.once('exit', (code) => {
        this.worker = null;
        failure ??= new Error(`It ended with code ${code}.`);
        reject(failure);
      });
    });
    worker.once('exit', () => {
      if (!this.isStopping) onEnd(failure);
    });
  }

  /** What the thread counts, where there is one; while it is too busy to answer, what it counted before. */
  async metrics(): Promise<object[][]> {
    if (!this.worker) return [];
    const answered = new Promise<void>((resolve) => this.waiting.push(resolve));
    this.send({ kind: 'metrics' });
    await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, METRICS_WAIT_MS).unref())]);
    return [this.counted];
  }

  /** Lets the batches under way end. */
  async stop(): Promise<void> {
    const { worker } = this;
    if (!worker) return;
    this.isStopping = true;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    this.send({ kind: 'stop' });
    await ended;
  }

  private take(metrics: object[]): void {
    this.counted = metrics;
    for (const answer of this.waiting.splice(0)) answer();
  }

  private send(message: ToIngest): void {
    this.worker?.postMessage(message);
  }
}
