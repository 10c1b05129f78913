import { newRandom } from '../../../test/support/random-numbers.js';
import { expectedValue, fitGammaGamma } from './gamma-gamma.js';

describe('Gamma-gamma', () => {
  it('recovers the parameters it was simulated from', () => {
    const random = newRandom(3);
    const truth = { p: 6, q: 4, gamma: 15 };
    const x = Float64Array.from({ length: 12_000 }, () => 1 + Math.floor(random.uniform() * 6));
    const mean = x.map(
      (count) => random.gamma(truth.p * count) / count / (random.gamma(truth.q) / truth.gamma),
    );
    const fit = fitGammaGamma({ x, mean });
    for (const name of ['p', 'q', 'gamma'] as const)
      expect(Math.abs((fit?.[name] ?? 0) / truth[name] - 1)).toBeLessThan(0.15);
  });

  it('expects between the own mean and that of all, nearer the own one the more was bought', () => {
    const params = { p: 6.25, q: 3.74, gamma: 15.44 };
    const all = expectedValue(params, 0, 0) ?? 0;
    expect(all).toBeCloseTo((6.25 * 15.44) / 2.74, 9);
    const expected = [1, 3, 10, 100].map((x) => expectedValue(params, x, 100) ?? 0);
    expect(expected).toEqual([...expected].sort((one, other) => one - other));
    expect(Math.min(...expected)).toBeGreaterThan(all);
    expect(Math.max(...expected)).toBeLessThan(100);
  });

  it('tells nothing of few customers, nor of a mean that is not finite', () => {
    expect(fitGammaGamma({ x: Float64Array.of(1, 2), mean: Float64Array.of(5, 6) })).toBeNull();
    expect(expectedValue({ p: 1, q: 0.5, gamma: 1 }, 0, 0)).toBeNull();
  });
});
