import { metrics } from '../platform/metrics/metrics.js';

/**
 * One named step of a flow. It works on a whole batch and hands on what the next step needs;
 * outcomes of single items are inside the batch, an exception fails the whole batch and it comes again.
 */
export type Step<C> = readonly [name: string, run: (context: C) => Promise<C>];

/** Runs the steps in order and times each by its name. */
export async function runFlow<C>(flow: string, steps: readonly Step<C>[], input: C): Promise<C> {
  let context = input;
  for (const [step, run] of steps) {
    const end = metrics.flowStepSeconds.startTimer({ flow, step });
    try {
      context = await run(context);
    } finally {
      end();
    }
  }
  return context;
}
