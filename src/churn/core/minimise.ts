const REFLECT = 1;
const EXPAND = 2;
const CONTRACT = 0.5;
const SHRINK = 0.5;
const FIRST_STEP = 0.5;
/** A simplex that has collapsed on a slope is blown up again so often. */
const MAX_RESTARTS = 12;

export interface Minimum {
  at: number[];
  value: number;
  evaluations: number;
  /** Whether a restart found nothing better; else the search ended at its limit of evaluations. */
  hasConverged: boolean;
}

interface Corner {
  at: number[];
  value: number;
}

/**
 * Finds a local minimum without derivatives, by the simplex of Nelder and Mead, restarted until a restart finds
 * nothing better. Meant for the few parameters of a likelihood, on scales near 1, such as logarithms.
 *
 * A value that is not finite counts as worse than any other, so that the function may refuse a point.
 * @param tolerance how much better, relative to the value, a restart has to be to be worth another one
 * Source: J. A. Nelder, R. Mead: A simplex method for function minimization. Computer Journal 7 (1965), 308-313.
 */
export function minimise(
  objective: (at: readonly number[]) => number,
  start: readonly number[],
  { tolerance = 1e-12, maxEvaluations = 10_000 }: { tolerance?: number; maxEvaluations?: number } = {},
): Minimum {
  let evaluations = 0;
  const evaluate = (at: number[]): Corner => {
    evaluations++;
    const value = objective(at);
    return { at, value: Number.isFinite(value) ? value : Number.POSITIVE_INFINITY };
  };
  let best = evaluate([...start]);
  for (let restart = 0; restart <= MAX_RESTARTS; restart++) {
    const before = best.value;
    best = descend(evaluate, best, () => evaluations >= maxEvaluations, tolerance);
    const gain = before - best.value;
    const isSettled = restart > 0 && gain <= tolerance * (1 + Math.abs(best.value));
    if (isSettled || evaluations >= maxEvaluations) return { ...best, evaluations, hasConverged: isSettled };
  }
  return { ...best, evaluations, hasConverged: false };
}

function descend(
  evaluate: (at: number[]) => Corner,
  first: Corner,
  isSpent: () => boolean,
  tolerance: number,
): Corner {
  const corners = [
    first,
    ...first.at.map((_, i) => evaluate(first.at.map((x, j) => (i === j ? x + FIRST_STEP : x)))),
  ];
  for (;;) {
    corners.sort((a, b) => a.value - b.value);
    const [best, worst] = [corners[0] as Corner, corners.at(-1) as Corner];
    if (isSpent() || isFlat(corners, best, worst, tolerance)) return best;
    step(corners, evaluate);
  }
}

/** Flat in its values and small: values alone can be equal on both sides of a valley. */
function isFlat(corners: readonly Corner[], best: Corner, worst: Corner, tolerance: number): boolean {
  if (worst.value - best.value > tolerance * (1 + Math.abs(best.value))) return false;
  return corners.every(({ at }) => at.every((x, i) => Math.abs(x - (best.at[i] ?? 0)) < 1e-5));
}

/** Replaces the worst corner, or draws all towards the best. The corners are in ascending order. */
function step(corners: Corner[], evaluate: (at: number[]) => Corner): void {
  const worst = corners.at(-1) as Corner;
  const others = corners.slice(0, -1);
  const centre = worst.at.map(
    (_, i) => others.reduce((sum, { at }) => sum + (at[i] ?? 0), 0) / others.length,
  );
  const along = (factor: number) =>
    evaluate(centre.map((middle, i) => middle + factor * (middle - (worst.at[i] ?? 0))));

  const best = corners[0] as Corner;
  const reflected = along(REFLECT);
  if (reflected.value < best.value) {
    const expanded = along(EXPAND);
    corners[corners.length - 1] = expanded.value < reflected.value ? expanded : reflected;
    return;
  }
  if (reflected.value < (others.at(-1) as Corner).value) {
    corners[corners.length - 1] = reflected;
    return;
  }
  const contracted = along(reflected.value < worst.value ? CONTRACT : -CONTRACT);
  if (contracted.value < Math.min(reflected.value, worst.value)) {
    corners[corners.length - 1] = contracted;
    return;
  }
  for (let i = 1; i < corners.length; i++) {
    const corner = corners[i] as Corner;
    corners[i] = evaluate(corner.at.map((x, j) => (best.at[j] ?? 0) + SHRINK * (x - (best.at[j] ?? 0))));
  }
}
