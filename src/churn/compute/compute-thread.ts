import { Worker } from 'node:worker_threads';
import { Answers, type Reply } from './answers.js';
import type { ComputeAnswers, ComputeRequest, ComputeSetup } from './messages.js';

const MAX_HEAP_MB = 2048;

/** One thread for one run. It asks one thing at a time, and ends at once when the signal says so. */
export class ComputeThread {
  private readonly worker: Worker;
  private readonly answers = new Answers();

  /** @param signal ends the thread, whatever it does; what is asked then fails with its reason */
  constructor(setup: ComputeSetup, signal: AbortSignal) {
    this.worker = new Worker(new URL('./churn.worker.js', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    this.worker.on('message', (reply: Reply) => this.answers.receive(reply));
    this.worker.on('error', (error) => this.answers.fail(error as Error));
    this.worker.on('exit', () => this.answers.fail(new Error('The compute thread ended.')));
    const end = () => {
      this.answers.fail(
        signal.reason instanceof Error ? signal.reason : new Error('The compute thread was stopped.'),
      );
      void this.stop();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  }

  /** Hands bytes over; they are of no use here afterwards. */
  ask<Request extends ComputeRequest>(request: Request): Promise<ComputeAnswers[Request['do']]> {
    return this.answers.next(() => this.worker.postMessage(request)) as Promise<
      ComputeAnswers[Request['do']]
    >;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}
