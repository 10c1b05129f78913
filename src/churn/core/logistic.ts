/** One number of every user; NaN where the user has none. */
export interface FeatureColumn {
  name: string;
  values: Float64Array;
}

/** What turns a feature into an input of the model, and the weight of that input. */
export interface FeatureWeight {
  name: string;
  /** Mean and standard deviation of the flattened values of the training users who have one. */
  mean: number;
  deviation: number;
  weight: number;
  /** Added where the user has no value; 0 where everyone in training had one. */
  missingWeight: number;
}

export interface LogisticFit {
  intercept: number;
  weights: FeatureWeight[];
  /** Of the training users, without the penalty. */
  logLikelihood: number;
  users: number;
  iterations: number;
  hasConverged: boolean;
}

const MAX_ITERATIONS = 50;
const MAX_HALVINGS = 30;
const ENOUGH = 1e-10;

/**
 * Fits logistic regression with a quadratic penalty by Newton's method.
 *
 * Inputs are flattened by the logarithm of 1 + size, because counts and money have long tails, and standardised.
 * A missing value is the mean, and an input of its own says that it was missing. The intercept is not penalised.
 * A step that does not better the likelihood is halved, so that separable data cannot make it run away.
 * @param labels 1 where it happened, 0 where not; both have to be there
 * @param penalty of the sum of squared weights, for each user; above 0
 */
export function fitLogistic(
  features: readonly FeatureColumn[],
  labels: Float64Array,
  penalty: number,
): LogisticFit {
  const scales = features.map(toScale);
  const inputs = toInputs(features, scales);
  const rate = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  let beta = new Float64Array(inputs.length);
  beta[0] = Math.log(rate / (1 - rate));
  let value = objectiveAt(beta, inputs, labels, penalty);
  let iterations = 0;
  let hasConverged = false;
  while (!hasConverged && iterations++ < MAX_ITERATIONS) {
    const direction = newtonDirection(beta, inputs, labels, penalty);
    const next = searchAlong(beta, direction, value, (at) => objectiveAt(at, inputs, labels, penalty));
    hasConverged = value - next.value <= ENOUGH * (1 + Math.abs(value));
    beta = next.beta;
    value = next.value;
  }
  return {
    intercept: beta[0] ?? 0,
    weights: scales.map((scale, i) => ({
      ...scale,
      weight: beta[1 + 2 * i] ?? 0,
      missingWeight: beta[2 + 2 * i] ?? 0,
    })),
    logLikelihood: -labels.length * objectiveAt(beta, inputs, labels, 0),
    users: labels.length,
    iterations,
    hasConverged,
  };
}

/** The probability for every user. @throws where a feature of the model is not among the given ones */
export function predictLogistic(fit: LogisticFit, features: readonly FeatureColumn[]): Float64Array {
  const byName = new Map(features.map(({ name, values }) => [name, values]));
  const margins = new Float64Array(features[0]?.values.length ?? 0).fill(fit.intercept);
  for (const { name, mean, deviation, weight, missingWeight } of fit.weights) {
    const values = byName.get(name);
    if (!values) throw new Error(`The feature ${name} is missing.`);
    for (let i = 0; i < margins.length; i++) {
      const value = values[i] ?? Number.NaN;
      const gain = Number.isNaN(value) ? missingWeight : (weight * (flatten(value) - mean)) / deviation;
      margins[i] = (margins[i] ?? 0) + gain;
    }
  }
  return margins.map(toProbability);
}

function toScale({ name, values }: FeatureColumn): { name: string; mean: number; deviation: number } {
  const known = values.filter((value) => !Number.isNaN(value)).map(flatten);
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(known.length, 1);
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(known.length, 1);
  // A feature that is the same for all is no input: divided by 1 it stays 0.
  return {
    name,
    mean,
    deviation: Math.sqrt(variance) > 1e-9 * (1 + Math.abs(mean)) ? Math.sqrt(variance) : 1,
  };
}

/** The intercept's ones, then for each feature its standardised values and its missing marks. */
function toInputs(
  features: readonly FeatureColumn[],
  scales: readonly { mean: number; deviation: number }[],
): Float64Array[] {
  const ones = new Float64Array(features[0]?.values.length ?? 0).fill(1);
  return [
    ones,
    ...features.flatMap(({ values }, i) => {
      const { mean, deviation } = scales[i] ?? { mean: 0, deviation: 1 };
      return [
        values.map((value) => (Number.isNaN(value) ? 0 : (flatten(value) - mean) / deviation)),
        values.map((value) => (Number.isNaN(value) ? 1 : 0)),
      ];
    }),
  ];
}

/** Mean negative log-likelihood, and the penalty. */
function objectiveAt(
  beta: Float64Array,
  inputs: readonly Float64Array[],
  labels: Float64Array,
  penalty: number,
): number {
  const margins = marginsAt(beta, inputs);
  let loss = 0;
  for (let i = 0; i < labels.length; i++) {
    const margin = margins[i] ?? 0;
    loss += Math.max(margin, 0) - margin * (labels[i] ?? 0) + Math.log1p(Math.exp(-Math.abs(margin)));
  }
  const squares = beta.subarray(1).reduce((sum, weight) => sum + weight * weight, 0);
  return loss / labels.length + (penalty * squares) / 2;
}

function newtonDirection(
  beta: Float64Array,
  inputs: readonly Float64Array[],
  labels: Float64Array,
  penalty: number,
): Float64Array {
  const count = labels.length;
  const margins = marginsAt(beta, inputs);
  const probabilities = margins.map(toProbability);
  const spreads = probabilities.map((each) => each * (1 - each));
  const residuals = probabilities.map((each, n) => ((labels[n] ?? 0) - each) / count);
  const gradient = Float64Array.from(
    inputs,
    (column, i) => dot(column, residuals) - (i === 0 ? 0 : penalty * (beta[i] ?? 0)),
  );
  const hessian = inputs.map(() => new Float64Array(inputs.length));
  inputs.forEach((column, i) => {
    const weighted = column.map((value, n) => (value * (spreads[n] ?? 0)) / count);
    for (let j = 0; j <= i; j++) {
      const curve = dot(weighted, inputs[j] as Float64Array);
      (hessian[i] as Float64Array)[j] = curve;
      (hessian[j] as Float64Array)[i] = curve;
    }
    // The intercept gets a breath of it, so that the matrix can be inverted when every spread is 0.
    (hessian[i] as Float64Array)[i] = (hessian[i]?.[i] ?? 0) + (i === 0 ? 1e-12 : penalty);
  });
  return solveSymmetric(hessian, gradient);
}

function searchAlong(
  beta: Float64Array,
  direction: Float64Array,
  value: number,
  objective: (at: Float64Array) => number,
): { beta: Float64Array<ArrayBuffer>; value: number } {
  let step = 1;
  for (let halving = 0; halving < MAX_HALVINGS; halving++) {
    const next = Float64Array.from(beta, (each, i) => each + step * (direction[i] ?? 0));
    const found = objective(next);
    if (found <= value) return { beta: next, value: found };
    step /= 2;
  }
  return { beta: Float64Array.from(beta), value };
}

/** Solves a symmetric positive definite system by Cholesky's decomposition. */
function solveSymmetric(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const lower = decompose(matrix);
  const solution = Float64Array.from(right);
  const reduce = (i: number, by: (k: number) => number, ks: readonly number[]) => {
    const rest = ks.reduce((sum, k) => sum - by(k) * (solution[k] ?? 0), solution[i] ?? 0);
    solution[i] = rest / (lower[i]?.[i] ?? 1);
  };
  const places = [...solution.keys()];
  for (const i of places) reduce(i, (k) => lower[i]?.[k] ?? 0, places.slice(0, i));
  for (const i of places.toReversed()) reduce(i, (k) => lower[k]?.[i] ?? 0, places.slice(i + 1));
  return solution;
}

/** The lower triangle whose product with its transpose is the matrix. */
function decompose(matrix: readonly Float64Array[]): Float64Array[] {
  const lower = matrix.map((row) => new Float64Array(row.length));
  matrix.forEach((row, i) => {
    const own = lower[i] as Float64Array;
    for (let j = 0; j <= i; j++) {
      const other = lower[j] as Float64Array;
      const rest = (row[j] ?? 0) - dot(own.subarray(0, j), other);
      own[j] = i === j ? Math.sqrt(Math.max(rest, 1e-12)) : rest / (other[j] ?? 1);
    }
  });
  return lower;
}

/** Over the length of the first. */
function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < one.length; n++) sum += (one[n] ?? 0) * (other[n] ?? 0);
  return sum;
}

function marginsAt(beta: Float64Array, inputs: readonly Float64Array[]): Float64Array {
  const margins = new Float64Array(inputs[0]?.length ?? 0);
  inputs.forEach((column, j) => {
    const weight = beta[j] ?? 0;
    if (weight === 0) return;
    for (let i = 0; i < margins.length; i++) margins[i] = (margins[i] ?? 0) + weight * (column[i] ?? 0);
  });
  return margins;
}

function toProbability(margin: number): number {
  return 1 / (1 + Math.exp(-margin));
}

function flatten(value: number): number {
  return Math.sign(value) * Math.log1p(Math.abs(value));
}
