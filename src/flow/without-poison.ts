/** What a step could not do anything with, and why. */
export interface Poison<T> {
  item: T;
  /** Place in the list. */
  place: number;
  error: unknown;
}

/** What a step made of its list, part by part, and what it refused. */
export interface Parts<T, R> {
  results: R[];
  refused: Poison<T>[];
}

/** So many single refusals before anything passed: it is not the items. */
const HOPELESS = 64;

/**
 * Does `work` with a list of which some items may make it fail: with all of them, then with halves of what failed, in
 * order, until those that fail stand alone.
 *
 * The parts of the same list are the same each time, and so are their names (`''` for all, `0` and `1` for the halves,
 * `01` for the second half of the first): work that is done again can know by the name what it did before.
 *
 * @param isAway whether a failure has nothing to do with the items
 * @throws such a failure; and the first other one where several items all fail, for then it is not the items either
 */
export async function withoutPoison<T, R>(
  items: readonly T[],
  work: (part: readonly T[], name: string) => Promise<R>,
  isAway: (error: unknown) => boolean,
): Promise<Parts<T, R>> {
  const parts: Parts<T, R> = { results: [], refused: [] };
  const attempt = async (from: number, to: number, name: string): Promise<void> => {
    try {
      parts.results.push(await work(items.slice(from, to), name));
      return;
    } catch (error) {
      if (isAway(error) || to - from === 0) throw error;
      const item = items[from];
      if (to - from === 1 && item !== undefined) {
        parts.refused.push({ item, place: from, error });
        if (parts.results.length === 0 && parts.refused.length === HOPELESS) throw error;
        return;
      }
    }
    const middle = Math.ceil((from + to) / 2);
    await attempt(from, middle, `${name}0`);
    await attempt(middle, to, `${name}1`);
  };
  await attempt(0, items.length, '');
  const [first] = parts.refused;
  if (first && items.length > 1 && parts.results.length === 0) throw first.error;
  return parts;
}
