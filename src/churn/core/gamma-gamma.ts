import { minimise } from './minimise.js';
import { logGamma } from './special.js';

/** Parameters of the gamma-gamma model of how much a customer spends on a purchase day. */
export interface GammaGammaParams {
  p: number;
  q: number;
  gamma: number;
}

export interface GammaGammaFit extends GammaGammaParams {
  logLikelihood: number;
  /** Customers with a repeat purchase and a mean above 0: nobody else tells anything about spending. */
  customers: number;
  hasConverged: boolean;
}

/** Repeat purchases of customers, and the mean value of one; both above 0. */
export interface Spending {
  x: Float64Array;
  mean: Float64Array;
}

/** Below this many customers the three parameters are not worth their names. */
export const MIN_SPENDERS = 10;

/**
 * Fits the model by maximum likelihood; null where fewer than `MIN_SPENDERS` customers can tell anything.
 * It supposes that how much a customer spends has nothing to do with how often.
 * Source: P. Fader, B. Hardie: "The gamma-gamma model of monetary value" (2013), equation (1a).
 */
export function fitGammaGamma(spending: Spending, penalty = 0): GammaGammaFit | null {
  const { x, mean } = spending;
  if (x.length < MIN_SPENDERS) return null;
  const fixed = x.reduce((sum, n, i) => sum + n * Math.log(n * (mean[i] ?? 1)), 0);
  const logValue = x.reduce((sum, n, i) => sum + Math.log(n * (mean[i] ?? 1)), 0);
  const total = mean.reduce((sum, value) => sum + value, 0) / mean.length;
  const objective = (at: readonly number[]) => {
    if (at.some((each) => Math.abs(each) > 25)) return Number.POSITIVE_INFINITY;
    const params = toParams(at);
    const size = params.p ** 2 + params.q ** 2 + params.gamma ** 2;
    return -likelihood(params, spending, fixed, logValue) / x.length + penalty * size;
  };
  const minimum = minimise(objective, [0, 1, Math.log(total)]);
  const params = toParams(minimum.at);
  return {
    ...params,
    logLikelihood: likelihood(params, spending, fixed, logValue),
    customers: x.length,
    hasConverged: minimum.hasConverged,
  };
}

/**
 * What a customer is expected to spend on a purchase day: between the customer's own mean and that of all.
 * Someone without a repeat purchase is expected to be like all. Null where even that has no finite mean (q at most 1).
 * Source: Fader, Hardie (2013), equation (5).
 */
export function expectedValue({ p, q, gamma }: GammaGammaParams, x: number, mean: number): number | null {
  const weight = p * x + q - 1;
  return weight > 0 ? (p * (gamma + x * mean)) / weight : null;
}

/** `fixed` is the sum of x log(x m) and `logValue` that of log(x m), which no parameter changes. */
function likelihood(
  { p, q, gamma }: GammaGammaParams,
  { x, mean }: Spending,
  fixed: number,
  logValue: number,
) {
  const gammas = new Map<number, number>();
  const ofCount = (n: number) => {
    const known = gammas.get(n);
    if (known !== undefined) return known;
    const fresh = logGamma(p * n + q) - logGamma(p * n) - logGamma(q);
    gammas.set(n, fresh);
    return fresh;
  };
  let sum = x.length * q * Math.log(gamma);
  for (let i = 0; i < x.length; i++) {
    const n = x[i] ?? 0;
    sum += ofCount(n) - (p * n + q) * Math.log(gamma + n * (mean[i] ?? 0));
  }
  // p x log(x m) - log(x m) + log(x) for each: the density is that of the mean, not of the sum.
  const logCount = x.reduce((total, n) => total + Math.log(n), 0);
  return sum + p * fixed - logValue + logCount;
}

function toParams(logs: readonly number[]): GammaGammaParams {
  const [p = 0, q = 0, gamma = 0] = logs.map(Math.exp);
  return { p, q, gamma };
}
