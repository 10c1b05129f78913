/** The least value that earns 2, 3, 4 and 5, in this order; null where nobody earns it. */
export type QuintileBounds = [Bound, Bound, Bound, Bound];
type Bound = number | null;

/**
 * Bounds of the five scores of a quantity of which more is better.
 *
 * A score is 1 and a fifth of the customers below, in whole fifths: who has at least two fifths of all customers
 * strictly below has 3. So equal values always have equal scores, and where many are equal some scores stay empty:
 * if 70 % bought once, they all have 1, and the next have 4.
 */
export function quintileBounds(values: Float64Array): QuintileBounds {
  const sorted = values.toSorted();
  const bounds: QuintileBounds = [null, null, null, null];
  let below = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i > 0 && sorted[i] !== sorted[i - 1]) below = i;
    const fifths = Math.floor((5 * below) / sorted.length);
    for (let fifth = 0; fifth < fifths; fifth++) bounds[fifth] ??= sorted[i] ?? 0;
  }
  return bounds;
}

/** 1 to 5; who is better than everyone the bounds were made from has 5 or the best there was. */
export function quintile(value: number, bounds: QuintileBounds): number {
  return 1 + bounds.filter((bound) => bound !== null && value >= bound).length;
}
