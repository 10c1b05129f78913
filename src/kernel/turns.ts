/** How long work on a batch may keep everything else of the process waiting, answers to SDKs above all. */
const TURN_MS = 1;
/** Asking for the time costs more than most work on one item. */
const ITEMS_BETWEEN_LOOKS = 16;

let lastRest: Promise<unknown> = Promise.resolve();

/**
 * A share of the event loop. Whoever goes through many items asks `isOver` between them, and rests when it is.
 * Those who rest go on one by one, each in a round of the loop of its own, so that several batches under way keep the
 * process no longer than one.
 */
export class Turn {
  private endsAt = performance.now() + TURN_MS;

  get isOver(): boolean {
    return performance.now() > this.endsAt;
  }

  async rest(): Promise<void> {
    lastRest = lastRest.then(() => new Promise(setImmediate));
    await lastRest;
    this.endsAt = performance.now() + TURN_MS;
  }
}

/** Does the same for each item, in order, resting where a turn is over. */
export async function forEachInTurns<T>(
  items: Iterable<T>,
  work: (item: T, index: number) => void,
): Promise<void> {
  const turn = new Turn();
  let index = 0;
  for (const item of items) {
    if (index % ITEMS_BETWEEN_LOOKS === 0 && turn.isOver) await turn.rest();
    work(item, index++);
  }
}

/** What `work` makes of each item, in order, resting where a turn is over. */
export async function mapInTurns<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => R,
): Promise<R[]> {
  const results: R[] = [];
  await forEachInTurns(items, (item, index) => {
    results.push(work(item, index));
  });
  return results;
}
