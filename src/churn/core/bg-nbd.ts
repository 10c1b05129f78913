import { minimise } from './minimise.js';
import { digamma, logGamma, scaledHyp2f1 } from './special.js';

// Taken out once: they are called for every history in every step of a fit.
const { exp, log, log1p } = Math;

/** Logarithms of parameters beyond this are a ridge without an end. */
const FARTHEST = 15;

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

/** The log-likelihood of all customers together, and its derivatives by the parameters. */
export interface Likelihood {
  value: number;
  by: BgNbdParams;
}

/**
 * The log-likelihood of all customers.
 *
 * Every gamma function depends on `x` alone and every logarithm on a number of days, so both come out of tables;
 * what is left for a group is one exponential. The two ways to the history, still there or gone, are added as
 * logarithms, and the share of each in the sum weighs its derivatives.
 * Source: P. Fader, B. Hardie, K. L. Lee: "Counting your customers" the easy way. Marketing Science 24 (2005), 275-284,
 * equation (6).
 */
export function likelihoodOf(params: BgNbdParams, groups: PurchaseGroups, daysPerUnit: number): Likelihood {
  const { r, alpha, a } = params;
  const counts = countTables(params, largestOf(groups.x));
  const days = largestOf(groups.seenDays);
  const logs = tableUpTo(days, (day) => log(alpha + day / daysPerUnit));
  const inverses = tableUpTo(days, (day) => 1 / (alpha + day / daysPerUnit));
  const sum = { value: 0, r: 0, alpha: 0, a: 0, b: 0 };
  for (let i = 0; i < groups.x.length; i++) {
    const x = at(groups.x, i);
    const last = at(groups.lastDays, i);
    const seen = at(groups.seenDays, i);
    const customers = at(groups.customers, i);
    const logsApart = at(logs, seen) - at(logs, last);
    // How much likelier it is that the customer left than that the customer waits.
    const odds = at(counts.odds, x) + (r + x) * logsApart;
    const gone = 1 / (1 + exp(-odds));
    sum.value += customers * (at(counts.value, x) - (r + x) * at(logs, seen) + logOnePlus(odds));
    sum.r += customers * (at(counts.r, x) - at(logs, seen) + gone * logsApart);
    sum.alpha +=
      customers * (r / alpha - (r + x) * ((1 - gone) * at(inverses, seen) + gone * at(inverses, last)));
    sum.a += customers * (at(counts.a, x) + gone / a);
    sum.b += customers * (at(counts.b, x) - gone * at(counts.inverse, x));
  }
  const { value, ...by } = sum;
  return { value, by };
}

/** What of the log-likelihood and its derivatives depends on `x` alone. */
function countTables({ r, alpha, a, b }: BgNbdParams, largest: number) {
  const logAlpha = log(alpha);
  const leaves = digamma(a + b);
  return {
    // Nobody leaves before the first repeat purchase.
    odds: tableUpTo(largest, (x) => (x === 0 ? Number.NEGATIVE_INFINITY : log(a) - log(b + x - 1))),
    inverse: tableUpTo(largest, (x) => (x === 0 ? 0 : 1 / (b + x - 1))),
    value: tableUpTo(
      largest,
      (x) =>
        logGamma(r + x) -
        logGamma(r) +
        r * logAlpha +
        logGamma(b + x) -
        logGamma(a + b + x) +
        logGamma(a + b) -
        logGamma(b),
    ),
    r: tableUpTo(largest, (x) => digamma(r + x) - digamma(r) + logAlpha),
    a: tableUpTo(largest, (x) => leaves - digamma(a + b + x)),
    b: tableUpTo(largest, (x) => digamma(b + x) - digamma(b) + leaves - digamma(a + b + x)),
  };
}

/**
 * Fits the parameters by maximum likelihood, on their logarithms so that they stay positive.
 * @param penalty weight of the sum of the squared parameters against the mean log-likelihood of a customer;
 *   0 is plain maximum likelihood. A small one, such as 0.001, holds parameters that few customers leave open.
 */
export function fitBgNbd(groups: PurchaseGroups, daysPerUnit: number, penalty = 0): BgNbdFit {
  const customers = groups.customers.reduce((sum, count) => sum + count, 0);
  const minimum = minimise(
    (at) => {
      if (at.some((each) => Math.abs(each) > FARTHEST))
        return { value: Number.POSITIVE_INFINITY, gradient: [] };
      const params = toParams(at);
      const { value, by } = likelihoodOf(params, groups, daysPerUnit);
      const slope = (name: keyof BgNbdParams) =>
        params[name] * (2 * penalty * params[name] - by[name] / customers);
      return {
        value:
          penalty * Object.values(params).reduce((sum, each) => sum + each * each, 0) - value / customers,
        gradient: [slope('r'), slope('alpha'), slope('a'), slope('b')],
      };
    },
    startOf(groups, daysPerUnit),
  );
  const params = toParams(minimum.at);
  return {
    ...params,
    logLikelihood: likelihoodOf(params, groups, daysPerUnit).value,
    customers,
    groups: groups.x.length,
    evaluations: minimum.evaluations,
    hasConverged: minimum.hasConverged,
  };
}

/** An `alpha` of the size of the times, from which the first steps are of the right size. */
function startOf({ seenDays }: PurchaseGroups, daysPerUnit: number): number[] {
  const meanDays = seenDays.reduce((sum, days) => sum + days, 0) / Math.max(seenDays.length, 1);
  return [0, Math.log(Math.max(meanDays / daysPerUnit / 4, 0.1)), 0, 0.5];
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
 * Source: Fader, Hardie, Lee (2005), equation (10).
 */
export function expectedPurchases(params: BgNbdParams, history: PurchaseHistory, horizon: number): number {
  if (horizon === 0) return 0;
  const { r, alpha } = params;
  const { x, T } = history;
  // Where numerator and denominator vanish together, the function is flat enough to be asked for beside it.
  const a = awayFrom(params.a, 1);
  const b = params.b + x;
  const c = awayFrom(a + b - 1, 0);
  const z = horizon / (alpha + T + horizon);
  const left = scaledHyp2f1([r + x, b, c], z, (r + x) * log((alpha + T) / (alpha + T + horizon)));
  return ((c / (a - 1)) * (1 - left)) / (1 + oddsGone({ ...params, a }, history));
}

function awayFrom(value: number, pole: number): number {
  return Math.abs(value - pole) < 1e-6 ? pole + 1e-6 : value;
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

function at(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}

/** log(1 + exp(x)) */
function logOnePlus(x: number): number {
  return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

function tableUpTo(largest: number, toEntry: (value: number) => number): Float64Array {
  return Float64Array.from({ length: largest + 1 }, (_, value) => toEntry(value));
}

function largestOf(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function toParams(logs: readonly number[]): BgNbdParams {
  const [r = 0, alpha = 0, a = 0, b = 0] = logs.map(Math.exp);
  return { r, alpha, a, b };
}
