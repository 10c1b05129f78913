import { minimise } from './minimise.js';
import { digamma, logGamma } from './special.js';

// Taken out once: it is called for every customer in every step of a fit.
const { log } = Math;

/** Logarithms of parameters beyond this are a ridge without an end. */
const FARTHEST = 15;

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
 * Source: P. Fader, B. Hardie: "The gamma-gamma model of monetary value" (2013).
 */
export function fitGammaGamma(spending: Spending, penalty = 0): GammaGammaFit | null {
  const customers = spending.x.length;
  if (customers < MIN_SPENDERS) return null;
  const known = summarise(spending);
  const minimum = minimise(
    (at) => {
      if (at.some((each) => Math.abs(each) > FARTHEST))
        return { value: Number.POSITIVE_INFINITY, gradient: [] };
      const params = toParams(at);
      const { value, by } = likelihoodOf(params, spending, known);
      const slope = (name: keyof GammaGammaParams) =>
        params[name] * (2 * penalty * params[name] - by[name] / customers);
      const size = params.p ** 2 + params.q ** 2 + params.gamma ** 2;
      return {
        value: penalty * size - value / customers,
        gradient: [slope('p'), slope('q'), slope('gamma')],
      };
    },
    [0, 1, Math.log(known.meanValue)],
  );
  const params = toParams(minimum.at);
  return {
    ...params,
    logLikelihood: likelihoodOf(params, spending, known).value,
    customers,
    hasConverged: minimum.hasConverged,
  };
}

/**
 * What a customer is expected to spend on a purchase day: between the customer's own mean and that of all.
 * Someone without a repeat purchase is expected to be like all. Null where even that has no finite mean (q at most 1).
 * Source: Fader, Hardie (2013).
 */
export function expectedValue({ p, q, gamma }: GammaGammaParams, x: number, mean: number): number | null {
  const weight = p * x + q - 1;
  return weight > 0 ? (p * (gamma + x * mean)) / weight : null;
}

/** What no parameter changes: sums over all customers. */
interface Known {
  largest: number;
  logMeans: number;
  /** x log(x m) */
  logTotals: number;
  meanValue: number;
}

function summarise({ x, mean }: Spending): Known {
  const known: Known = { largest: 0, logMeans: 0, logTotals: 0, meanValue: 0 };
  for (let i = 0; i < x.length; i++) {
    const [count, value] = [x[i] ?? 0, mean[i] ?? 0];
    known.largest = Math.max(known.largest, count);
    known.logMeans += Math.log(value);
    known.logTotals += count * Math.log(count * value);
    known.meanValue += value / x.length;
  }
  return known;
}

/** The log-likelihood of all, and its derivatives. */
function likelihoodOf({ p, q, gamma }: GammaGammaParams, { x, mean }: Spending, known: Known) {
  // Nobody here has no repeat purchase, and no gamma function a value at 0.
  const counts = Array.from({ length: known.largest + 1 }, (_, n) => Math.max(n, 1));
  const values = Float64Array.from(counts, (n) => logGamma(p * n + q) - logGamma(p * n) - logGamma(q));
  const sums = Float64Array.from(counts, (n) => digamma(p * n + q));
  const parts = Float64Array.from(counts, (n) => digamma(p * n));
  const sum = { value: 0, p: 0, q: 0, gamma: 0 };
  for (let i = 0; i < x.length; i++) {
    const n = x[i] ?? 0;
    const total = gamma + n * (mean[i] ?? 0);
    const logTotal = log(total);
    sum.value += (values[n] ?? 0) - (p * n + q) * logTotal;
    sum.p += n * ((sums[n] ?? 0) - (parts[n] ?? 0) - logTotal);
    sum.q += (sums[n] ?? 0) - logTotal;
    sum.gamma -= (p * n + q) / total;
  }
  const customers = x.length;
  return {
    value: sum.value + customers * q * log(gamma) + p * known.logTotals - known.logMeans,
    by: {
      p: sum.p + known.logTotals,
      q: sum.q + customers * (log(gamma) - digamma(q)),
      gamma: sum.gamma + (customers * q) / gamma,
    },
  };
}

function toParams(logs: readonly number[]): GammaGammaParams {
  const [p = 0, q = 0, gamma = 0] = logs.map(Math.exp);
  return { p, q, gamma };
}
