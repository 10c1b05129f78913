/** A preview that would read more rows than this looks at a share of the users. */
const EXACT_ROWS = 10_000_000;
/** About as many rows are aggregated of a share. */
const SHARE_ROWS = 2_000_000;
/** Of the normal distribution: 95 of 100 intervals of this width hold the truth. */
const Z_95 = 1.96;
/** Upper bound of what was met in none of n trials, with 95 %: 3 / n. */
const RULE_OF_THREE = 3;

/** How a count was told by a share of the users. */
export interface Estimate {
  /** One user in so many was looked at. */
  oneIn: number;
  /** With 95 %, the count is between these. */
  low: number;
  high: number;
}

/** One user in how many a preview looks at; 1: at everyone. */
export function previewShare(forecastRows: number): number {
  return forecastRows <= EXACT_ROWS ? 1 : Math.ceil(forecastRows / SHARE_ROWS);
}

/**
 * How many members there are by those who were found; `estimate` is null where everyone was looked at.
 * @param found members among the one user in `oneIn` that was looked at, chosen by a hash
 */
export function toCount(found: number, oneIn: number): { count: number; estimate: Estimate | null } {
  if (oneIn === 1) return { count: found, estimate: null };
  const count = found * oneIn;
  if (found === 0) return { count, estimate: { oneIn, low: 0, high: RULE_OF_THREE * oneIn } };
  const margin = Z_95 * Math.sqrt(count * (oneIn - 1));
  const low = Math.max(found, Math.round(count - margin));
  return { count, estimate: { oneIn, low, high: Math.round(count + margin) } };
}
