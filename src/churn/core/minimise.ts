/** A value of the function to be minimised, with its slope along each parameter. */
export interface Slope {
  value: number;
  gradient: readonly number[];
}

export interface Minimum {
  at: number[];
  value: number;
  evaluations: number;
  /** Whether no step promises anything there; else the search ended at its limits. */
  hasConverged: boolean;
}

const MAX_EVALUATIONS = 500;
const MAX_HALVINGS = 12;
/** A step has to gain at least this part of what the slope promises. */
const SUFFICIENT = 1e-4;
/** No step changes a parameter by more: they are logarithms. */
const LONGEST_STEP = 2;
/** A step that promises less, relative to the value, is lost in the rounding of a sum over many customers. */
const NOTHING = 1e-12;

/**
 * Finds a local minimum by the method of Broyden, Fletcher, Goldfarb and Shanno with a halving line search. Meant for
 * the few parameters of a mean likelihood, on scales near 1, such as logarithms.
 *
 * A value that is not finite counts as worse than any other, so that the function may refuse a point.
 * Source: J. Nocedal, S. J. Wright: Numerical optimization, 2nd edition (2006), algorithms 3.1 and 6.1.
 */
export function minimise(objective: (at: readonly number[]) => Slope, start: readonly number[]): Minimum {
  let at = [...start];
  let here = objective(at);
  let evaluations = 1;
  let inverse = identity(at.length);
  let isFresh = true;
  while (evaluations < MAX_EVALUATIONS) {
    const direction = downhill(inverse, here.gradient);
    const promise = -dot(direction, here.gradient);
    if (promise <= NOTHING * (1 + Math.abs(here.value)))
      return { at, value: here.value, evaluations, hasConverged: true };
    const found = search(objective, at, { value: here.value, promise }, direction);
    evaluations += found.evaluations;
    if (found.slope) {
      inverse = update(inverse, minus(found.at, at), minus(found.slope.gradient, here.gradient), isFresh);
      at = found.at;
      here = found.slope;
      isFresh = false;
    } else if (isFresh) {
      break;
    } else {
      inverse = identity(at.length);
      isFresh = true;
    }
  }
  return { at, value: here.value, evaluations, hasConverged: false };
}

function downhill(inverse: readonly number[][], gradient: readonly number[]): number[] {
  const direction = inverse.map((row) => -dot(row, gradient));
  const steepest = direction.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  return direction.map((each) => each * Math.min(1, LONGEST_STEP / steepest));
}

/** Halves the step until it gains enough; `slope` is null where none does. */
function search(
  objective: (at: readonly number[]) => Slope,
  from: readonly number[],
  { value, promise }: { value: number; promise: number },
  direction: readonly number[],
): { at: number[]; slope: Slope | null; evaluations: number } {
  for (let halving = 0; halving < MAX_HALVINGS; halving++) {
    const step = 0.5 ** halving;
    const at = from.map((x, i) => x + step * (direction[i] ?? 0));
    const slope = objective(at);
    if (slope.value <= value - SUFFICIENT * step * promise) return { at, slope, evaluations: halving + 1 };
  }
  return { at: [...from], slope: null, evaluations: MAX_HALVINGS };
}

/** What the last step tells of the curvature; nothing where the slope did not grow along it. */
function update(
  inverse: readonly number[][],
  step: readonly number[],
  change: readonly number[],
  isFresh: boolean,
): number[][] {
  const growth = dot(step, change);
  if (!(growth > 1e-14)) return inverse.map((row) => [...row]);
  const scale = isFresh ? growth / dot(change, change) : 1;
  const scaled = inverse.map((row) => row.map((each) => each * scale));
  const turned = scaled.map((row) => dot(row, change));
  const factor = (growth + dot(change, turned)) / growth ** 2;
  return scaled.map((row, i) =>
    row.map((each, j) => {
      const [si, sj, ti, tj] = [step[i] ?? 0, step[j] ?? 0, turned[i] ?? 0, turned[j] ?? 0];
      return each + factor * si * sj - (ti * sj + si * tj) / growth;
    }),
  );
}

function identity(size: number): number[][] {
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => (i === j ? 1 : 0)));
}

function minus(one: readonly number[], other: readonly number[]): number[] {
  return one.map((each, i) => each - (other[i] ?? 0));
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, each, i) => sum + each * (other[i] ?? 0), 0);
}
