import { minimise } from './minimise.js';
import { hyp2f1, logGamma } from './special.js';

// Taken out once: they are called for every history in every step of a fit.
const { exp, log, log1p } = Math;

/**
 * What BG/NBD has to know of customers, merged where they are alike. Times are in whole days, so that equal ones meet;
 * the model's own unit of time is `daysPerUnit` days.
 */
export interface PurchaseGroups {
  /** Repeat purchases: days with a purchase after the first such day. */
  x: Float64Array;
  /** Days from the first purchase to the last one. */
  lastDays: Float64Array;
  /** Days from the first purchase to the last day that was seen. */
  seenDays: Float64Array;
  /** How many customers are so. */
  customers: Float64Array;
}

/** Parameters of BG/NBD: purchases come by gamma(r, alpha), customers leave after a purchase by beta(a, b). */
export interface BgNbdParams {
  r: number;
  alpha: number;
  a: number;
  b: number;
}

export interface BgNbdFit extends BgNbdParams {
  /** Of all customers, without the penalty. */
  logLikelihood: number;
  customers: number;
  groups: number;
  evaluations: number;
  hasConverged: boolean;
}

/** One customer, in units of time. */
export interface PurchaseHistory {
  x: number;
  tx: number;
  T: number;
}

/** One number for a history: `x` below 2^23, days below 2^15, all whole. */
export function historyKey(x: number, lastDays: number, seenDays: number): number {
  return (x * 2 ** 15 + lastDays) * 2 ** 15 + seenDays;
}

/** Merges customers with the same history, as told apart by `historyKey`. */
export function groupPurchases(
  x: Float64Array,
  lastDays: Float64Array,
  seenDays: Float64Array,
): PurchaseGroups {
  const counts = new Map<number, number>();
  for (let i = 0; i < x.length; i++) {
    const key = historyKey(x[i] ?? 0, lastDays[i] ?? 0, seenDays[i] ?? 0);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const keys = Float64Array.from(counts.keys());
  return {
    x: keys.map((key) => Math.floor(key / 2 ** 30)),
    lastDays: keys.map((key) => Math.floor(key / 2 ** 15) % 2 ** 15),
    seenDays: keys.map((key) => key % 2 ** 15),
    customers: Float64Array.from(counts.values()),
  };
}

/**
 * Log-likelihood of all customers together.
 *
 * Every gamma function depends on `x` alone and every logarithm on a number of days, so both come out of tables;
 * what is left for a group is one exponential. The two ways to the history, alive or gone, are added as logarithms.
 * Source: P. Fader, B. Hardie, K. L. Lee: "Counting your customers" the easy way. Marketing Science 24 (2005), 275-284,
 * equation (6), rearranged as in their note "Implementing the BG/NBD model in Excel" (2005).
 */
export function logLikelihood(params: BgNbdParams, groups: PurchaseGroups, daysPerUnit: number): number {
  const { r, alpha, a, b } = params;
  const purchases = tableUpTo(
    groups.x,
    (x) => logGamma(r + x) - logGamma(r) + r * Math.log(alpha) + logBetaRatio(a, b, x),
  );
  const logs = tableUpTo(groups.seenDays, (days) => Math.log(alpha + days / daysPerUnit));
  const logA = Math.log(a);
  let sum = 0;
  for (let i = 0; i < groups.x.length; i++) {
    const x = groups.x[i] ?? 0;
    const alive = -(r + x) * (logs[groups.seenDays[i] ?? 0] ?? 0);
    const gone =
      x === 0
        ? Number.NEGATIVE_INFINITY
        : logA - log(b + x - 1) - (r + x) * (logs[groups.lastDays[i] ?? 0] ?? 0);
    sum += (groups.customers[i] ?? 0) * ((purchases[x] ?? 0) + addLogs(alive, gone));
  }
  return sum;
}

/**
 * Fits the parameters by maximum likelihood, on their logarithms so that they stay positive.
 * @param penalty weight of the sum of the squared parameters against the mean log-likelihood of a customer;
 *   0 is plain maximum likelihood. A small one, such as 0.001, holds parameters that few customers leave open.
 */
export function fitBgNbd(groups: PurchaseGroups, daysPerUnit: number, penalty = 0): BgNbdFit {
  const customers = groups.customers.reduce((sum, count) => sum + count, 0);
  // Means of the heart of the data make a start from which the first steps are of the right size.
  const start = [0, Math.log(Math.max(meanOf(groups.seenDays) / daysPerUnit / 4, 0.1)), 0, 0.5];
  const minimum = minimise((at) => {
    if (at.some((each) => Math.abs(each) > 25)) return Number.POSITIVE_INFINITY;
    const params = toParams(at);
    const size = Object.values(params).reduce((sum, value) => sum + value * value, 0);
    return -logLikelihood(params, groups, daysPerUnit) / customers + penalty * size;
  }, start);
  const params = toParams(minimum.at);
  return {
    ...params,
    logLikelihood: logLikelihood(params, groups, daysPerUnit),
    customers,
    groups: groups.x.length,
    evaluations: minimum.evaluations,
    hasConverged: minimum.hasConverged,
  };
}

/**
 * Probability that a customer still buys. Who never bought again has not been asked to leave in this model,
 * because customers leave only after a repeat purchase: theirs is 1.
 * Source: P. Fader, B. Hardie: "Computing P(alive) using the BG/NBD model" (2008).
 */
export function probabilityAlive(params: BgNbdParams, history: PurchaseHistory): number {
  return 1 / (1 + oddsGone(params, history));
}

/**
 * Purchases expected in the next `horizon` units of time.
 *
 * Euler's transformation takes the paper's (1 - z)^(r + x) out of the hypergeometric function, so that nothing
 * overflows however many purchases there are.
 * Source: Fader, Hardie, Lee (2005), equation (10).
 */
export function expectedPurchases(params: BgNbdParams, history: PurchaseHistory, horizon: number): number {
  if (horizon === 0) return 0;
  const { r, alpha, a, b } = params;
  const { x, T } = history;
  // At a = 1 both numerator and denominator vanish; so close to it the function is flat.
  const safeA = Math.abs(a - 1) < 1e-6 ? 1 + 1e-6 : a;
  const z = horizon / (alpha + T + horizon);
  const stays = (1 - z) ** (safeA - 1) * hyp2f1(safeA + b - 1 - r, safeA - 1, safeA + b + x - 1, z);
  const whileAlive = ((safeA + b + x - 1) / (safeA - 1)) * (1 - stays);
  return whileAlive / (1 + oddsGone({ ...params, a: safeA }, history));
}

/**
 * Probability that a customer buys nothing in the next `horizon` units of time: gone, or there but waiting so long.
 * Who is there buys by gamma(r + x, alpha + T), and cannot leave before buying.
 */
export function probabilityNoPurchase(
  params: BgNbdParams,
  history: PurchaseHistory,
  horizon: number,
): number {
  const alive = probabilityAlive(params, history);
  const { alpha, r } = params;
  const waits = ((alpha + history.T) / (alpha + history.T + horizon)) ** (r + history.x);
  return 1 - alive + alive * waits;
}

function oddsGone({ r, alpha, a, b }: BgNbdParams, { x, tx, T }: PurchaseHistory): number {
  if (x === 0) return 0;
  return Math.exp(Math.log(a) - Math.log(b + x - 1) + (r + x) * Math.log((alpha + T) / (alpha + tx)));
}

/** log B(a, b + x) - log B(a, b) */
function logBetaRatio(a: number, b: number, x: number): number {
  return logGamma(b + x) - logGamma(a + b + x) + logGamma(a + b) - logGamma(b);
}

function addLogs(one: number, other: number): number {
  return one > other ? one + log1p(exp(other - one)) : other + log1p(exp(one - other));
}

function tableUpTo(values: Float64Array, toEntry: (value: number) => number): Float64Array {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  return Float64Array.from({ length: largest + 1 }, (_, value) => toEntry(value));
}

function toParams(logs: readonly number[]): BgNbdParams {
  const [r = 0, alpha = 0, a = 0, b = 0] = logs.map(Math.exp);
  return { r, alpha, a, b };
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}
