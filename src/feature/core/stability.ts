/** A share of nothing would be an infinity: no bin counts as smaller than this. */
const LEAST_SHARE = 1e-4;

/**
 * Population stability index of two distributions over the same bins: below 0.1 they are alike, above 0.25 they are
 * not, by the usual rule of thumb.
 * @param base rows per bin; `present` likewise
 * @returns null where one of them has no rows
 */
export function populationStability(base: readonly number[], present: readonly number[]): number | null {
  const [baseTotal, presentTotal] = [sum(base), sum(present)];
  if (baseTotal === 0 || presentTotal === 0) return null;
  return base.reduce((index, rows, bin) => {
    const was = Math.max(rows / baseTotal, LEAST_SHARE);
    const is = Math.max((present[bin] ?? 0) / presentTotal, LEAST_SHARE);
    return index + (is - was) * Math.log(is / was);
  }, 0);
}

/** Rows of one bin of a feature, and how many of them have the outcome. */
export interface OutcomeBin {
  rows: number;
  positives: number;
}

/**
 * Information value of a feature whose bins are given: below 0.02 it tells nothing of the outcome, above 0.3 much,
 * by the usual rule of thumb. Half a row is added to each side of a bin, so that an empty side is no infinity.
 * @returns null where every row has the same outcome
 */
export function informationValue(bins: readonly OutcomeBin[]): number | null {
  const positives = sum(bins.map((bin) => bin.positives));
  const negatives = sum(bins.map((bin) => bin.rows)) - positives;
  if (positives === 0 || negatives === 0) return null;
  return bins.reduce((value, bin) => {
    if (bin.rows === 0) return value;
    const bad = (bin.positives + 0.5) / positives;
    const good = (bin.rows - bin.positives + 0.5) / negatives;
    return value + (bad - good) * Math.log(bad / good);
  }, 0);
}

/** Bounds of bins out of quantiles: a value belongs to the bin whose number is how many of them it reaches. */
export function toEdges(quantiles: readonly (number | null)[]): number[] {
  const finite = quantiles.filter((value) => value !== null).filter(Number.isFinite);
  return [...new Set(finite)].sort((a, b) => a - b);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}
