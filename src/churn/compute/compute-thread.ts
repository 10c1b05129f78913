import { Worker } from 'node:worker_threads';
import { CannotFit } from '../core/fit.js';
import type { ComputeAnswers, ComputeReply, ComputeRequest, ComputeSetup } from './messages.js';

const MAX_HEAP_MB = 2048;

/** One thread for one run. It asks one thing at a time, and ends at once when the signal says so. */
export class ComputeThread {
  private readonly worker: Worker;
  private settle: { resolve: (value: unknown) => void; reject: (error: unknown) => void } | null = null;
  private failure: Error | null = null;

  /** @param signal ends the thread, whatever it does; what is asked then fails with its reason */
  constructor(setup: ComputeSetup, signal: AbortSignal) {
    this.worker = new Worker(new URL('./churn.worker.js', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    this.worker.on('message', (reply: ComputeReply) => this.receive(reply));
    this.worker.on('error', (error) => this.fail(error as Error));
    this.worker.on('exit', () => this.fail(new Error('The compute thread ended.')));
    const end = () => {
      this.fail(
        signal.reason instanceof Error ? signal.reason : new Error('The compute thread was stopped.'),
      );
      void this.stop();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  }

  /** Hands bytes over; they are of no use here afterwards. */
  ask<Request extends ComputeRequest>(request: Request): Promise<ComputeAnswers[Request['do']]> {
    return new Promise((resolve, reject) => {
      if (this.failure) {
        reject(this.failure);
        return;
      }
      this.settle = { resolve: resolve as (value: unknown) => void, reject };
      this.worker.postMessage(request);
    });
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  private receive(reply: ComputeReply): void {
    const { settle } = this;
    this.settle = null;
    if (reply.ok) settle?.resolve(reply.value);
    else settle?.reject(reply.isRefusal ? new CannotFit(reply.message) : new Error(reply.message));
  }

  /** The first failure is the one that is told; the end of the thread that follows it says nothing new. */
  private fail(error: Error): void {
    this.failure ??= error;
    this.settle?.reject(this.failure);
    this.settle = null;
  }
}
