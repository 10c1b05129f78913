import { newRandom } from '../../../test/support/random-numbers.js';
import {
  type BgNbdParams,
  expectedPurchases,
  fitBgNbd,
  groupPurchases,
  likelihoodOf,
  type PurchaseHistory,
  probabilityAlive,
  probabilityNoPurchase,
} from './bg-nbd.js';
import { logGamma } from './special.js';

/** Fader, Hardie, Lee (2005), the CDNOW customers; times in weeks. */
const CDNOW: BgNbdParams = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };

describe('BG/NBD', () => {
  it('expects 1.226 purchases of the customer of the paper in the next 39 weeks', () => {
    const expected = expectedPurchases(CDNOW, { x: 2, tx: 30.43, T: 38.86 }, 39);
    expect(expected).toBeCloseTo(1.226, 3);
  });

  it('agrees with the sum over the likelihood written as in the paper', () => {
    const x = Float64Array.of(0, 2, 2, 5);
    const lastDays = Float64Array.of(0, 213, 213, 100);
    const seenDays = Float64Array.of(270, 272, 272, 200);
    const groups = groupPurchases(x, lastDays, seenDays);
    expect(groups.customers).toHaveLength(3);
    const plain = [...x.keys()].reduce(
      (sum, i) => sum + Math.log(likelihood(x[i] ?? 0, (lastDays[i] ?? 0) / 7, (seenDays[i] ?? 0) / 7)),
      0,
    );
    expect(likelihoodOf(CDNOW, groups, 7).value).toBeCloseTo(plain, 9);
  });

  it.each(['r', 'alpha', 'a', 'b'] as const)('knows the slope of its likelihood along %s', (name) => {
    const { x, lastDays, seenDays } = simulate(CDNOW, 200, 400);
    const groups = groupPurchases(x, lastDays, seenDays);
    const at = (value: number) => likelihoodOf({ ...CDNOW, [name]: value }, groups, 7);
    const step = 1e-5;
    const rise = (at(CDNOW[name] + step).value - at(CDNOW[name] - step).value) / (2 * step);
    expect(at(CDNOW[name]).by[name]).toBeCloseTo(rise, 4);
  });

  it.each<[string, BgNbdParams]>([
    ['in weeks', { r: 0.25, alpha: 4.5, a: 0.8, b: 2.5 }],
    ['of customers who leave late', { r: 1.2, alpha: 6, a: 1.5, b: 9 }],
  ])('recovers the parameters it was simulated from, %s', (_, truth) => {
    const { x, lastDays, seenDays } = simulate(truth, 6_000, 78 * 7);
    const fit = fitBgNbd(groupPurchases(x, lastDays, seenDays), 7);
    expect(fit.hasConverged).toBe(true);
    for (const name of ['r', 'alpha', 'a', 'b'] as const)
      expect(Math.abs(fit[name] / truth[name] - 1)).toBeLessThan(0.2);
    // What matters is what is expected, and that is far better determined than single parameters.
    const history = { x: 3, tx: 40, T: 60 };
    const expected = expectedPurchases(truth, history, 39);
    expect(Math.abs(expectedPurchases(fit, history, 39) / expected - 1)).toBeLessThan(0.05);
  });

  it('holds parameters that the customers leave open with a penalty', () => {
    const alike = groupPurchases(
      Float64Array.of(2, 3, 2, 3, 2, 3),
      Float64Array.of(50, 60, 52, 61, 51, 63),
      Float64Array.of(70, 70, 70, 70, 70, 70),
    );
    const size = (fit: BgNbdParams) => Math.max(fit.r, fit.alpha, fit.a, fit.b);
    expect(size(fitBgNbd(alike, 7, 0.01))).toBeLessThan(20);
    expect(size(fitBgNbd(alike, 7))).toBeGreaterThan(100);
  });

  it('is surer that a customer is gone the longer the silence', () => {
    const alive = [10, 20, 40, 80].map((T) => probabilityAlive(CDNOW, { x: 4, tx: 10, T }));
    expect(alive).toEqual([...alive].sort((one, other) => other - one));
    expect(probabilityAlive(CDNOW, { x: 0, tx: 0, T: 80 })).toBe(1);
  });

  it.each([
    ['never bought again', { x: 0, tx: 0, T: 20 }],
    ['bought twice more', { x: 2, tx: 15, T: 20 }],
    ['bought often', { x: 40, tx: 60, T: 61 }],
  ])('agrees with the simulated future of one who %s', (_, history) => {
    const { bought, total } = simulateFuture(CDNOW, history, 26, 20_000);
    expect(Math.abs(1 - bought - probabilityNoPurchase(CDNOW, history, 26))).toBeLessThan(0.015);
    const expected = expectedPurchases(CDNOW, history, 26);
    expect(Math.abs(total - expected)).toBeLessThan(0.05 * expected + 0.02);
  });

  it.each<[string, BgNbdParams, PurchaseHistory, number]>([
    ['a fraction of a', { ...CDNOW, a: 0.05 }, { x: 2, tx: 20, T: 30 }, 10],
    ['hardly any dropout', { r: 0.25, alpha: 5, a: 0.5, b: 300 }, { x: 10, tx: 20, T: 30 }, 100],
    ['many purchases by few', { r: 50, alpha: 5, a: 0.5, b: 0.3 }, { x: 0, tx: 0, T: 30 }, 10],
    ['all alike', { r: 5, alpha: 5, a: 3000, b: 5000 }, { x: 2, tx: 20, T: 30 }, 52],
  ])('agrees with the integral over everyone it could be, with %s', (_, params, history, horizon) => {
    const expected = expectedPurchases(params, history, horizon);
    expect(expected / integrate(params, history, horizon)).toBeCloseTo(1, 4);
  });

  it.each([
    ['a exactly 1', { ...CDNOW, a: 1 }, { x: 2, tx: 30, T: 39 }, 39],
    ['thousands of purchases', CDNOW, { x: 3000, tx: 500, T: 501 }, 52],
    ['a horizon far beyond what was seen', CDNOW, { x: 1, tx: 1, T: 2 }, 5000],
  ])('stays finite with %s', (_, params, history, horizon) => {
    const expected = expectedPurchases(params, history, horizon);
    expect(Number.isFinite(expected)).toBe(true);
    expect(expected).toBeGreaterThan(0);
  });
});

/** Equation (6) of the paper by plain gamma functions, good for small numbers only. */
function likelihood(x: number, tx: number, T: number): number {
  const { r, alpha, a, b } = CDNOW;
  const rise = (from: number) =>
    Array.from({ length: x }, (_, k) => from + k).reduce((product, factor) => product * factor, 1);
  const purchases = rise(r) * alpha ** r * (rise(b) / rise(a + b));
  const gone = x > 0 ? (a / (b + x - 1)) * (1 / (alpha + tx)) ** (r + x) : 0;
  return purchases * ((1 / (alpha + T)) ** (r + x) + gone);
}

/** Purchases expected, over the beta distribution of the dropout in steps of its logit. */
function integrate({ r, alpha, a, b }: BgNbdParams, history: PurchaseHistory, horizon: number): number {
  const { x, T } = history;
  const logBeta = logGamma(a) + logGamma(b + x) - logGamma(a + b + x);
  const middle = Math.log(a / (b + x));
  const reach = (shape: number) => Math.max(12 * Math.sqrt(1 / a + 1 / (b + x)), 40 / Math.min(shape, 10));
  const from = middle - reach(a);
  const step = (reach(a) + reach(b + x)) / 20_000;
  let sum = 0;
  for (let i = 0; i <= 20_000; i++) {
    const logit = from + i * step;
    const [logP, logQ] = [-Math.log1p(Math.exp(-logit)), -Math.log1p(Math.exp(logit))];
    const density = Math.exp(a * logP + (b + x) * logQ - logBeta);
    const p = Math.max(Math.exp(logP), 1e-200);
    sum += (density * -Math.expm1(-(r + x) * Math.log1p((p * horizon) / (alpha + T)))) / p;
  }
  return sum * step * probabilityAlive({ r, alpha, a, b }, history);
}

function simulate({ r, alpha, a, b }: BgNbdParams, customers: number, days: number) {
  const random = newRandom(7);
  const x = new Float64Array(customers);
  const lastDays = new Float64Array(customers);
  const seenDays = new Float64Array(customers);
  for (let i = 0; i < customers; i++) {
    const T = days - Math.floor(random.uniform() * 90);
    const rate = random.gamma(r) / alpha / 7;
    const leaves = random.beta(a, b);
    let at = 0;
    for (;;) {
      at += -Math.log(random.uniform()) / rate;
      if (at > T) break;
      x[i] = (x[i] ?? 0) + 1;
      lastDays[i] = Math.round(at);
      if (random.uniform() < leaves) break;
    }
    seenDays[i] = T;
  }
  return { x, lastDays, seenDays };
}

/** Draws customers from what is known after such a history. */
function simulateFuture(
  { r, alpha, a, b }: BgNbdParams,
  history: { x: number; tx: number; T: number },
  horizon: number,
  times: number,
) {
  const random = newRandom(11);
  const alive = probabilityAlive({ r, alpha, a, b }, history);
  let bought = 0;
  let total = 0;
  for (let i = 0; i < times; i++) {
    if (random.uniform() > alive) continue;
    const rate = random.gamma(r + history.x) / (alpha + history.T);
    const leaves = random.beta(a, b + history.x);
    let count = 0;
    for (
      let at = -Math.log(random.uniform()) / rate;
      at < horizon;
      at += -Math.log(random.uniform()) / rate
    ) {
      count++;
      if (random.uniform() < leaves) break;
    }
    total += count;
    bought += count > 0 ? 1 : 0;
  }
  return { bought: bought / times, total: total / times };
}
