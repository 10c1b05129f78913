import { newRandom } from '../../../test/support/random-numbers.js';
import { fitLogistic, predictLogistic } from './logistic.js';

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('Logistic regression', () => {
  const random = newRandom(5);
  const users = 5_000;
  const signal = Float64Array.from({ length: users }, () => Math.floor(random.uniform() * 50));
  const noise = Float64Array.from({ length: users }, () => random.uniform() * 10);
  /** Churn by the logarithm of the signal, whose weight for one standard deviation is what it is. */
  const truth = signal.map((value) => 1 / (1 + Math.exp(-(2 - 1.5 * Math.log1p(value) + 1))));
  const labels = truth.map((probability) => (random.uniform() < probability ? 1 : 0));

  it('recovers the weights it was simulated from, and gives noise none', () => {
    const features = [
      { name: 'signal', values: signal },
      { name: 'noise', values: noise },
    ];
    const fit = fitLogistic(features, labels, 1e-6);
    expect(fit.hasConverged).toBe(true);
    const [ofSignal, ofNoise] = fit.weights;
    expect((ofSignal?.weight ?? 0) / (ofSignal?.deviation ?? 1)).toBeCloseTo(-1.5, 0);
    expect(Math.abs(ofNoise?.weight ?? 1)).toBeLessThan(0.1);
    const predicted = predictLogistic(fit, features);
    // At the optimum the mean prediction is the share that churned.
    expect(mean(predicted)).toBeCloseTo(mean(labels), 6);
    expect(mean(predicted.map((value, i) => Math.abs(value - (truth[i] ?? 0))))).toBeLessThan(0.02);
  });

  it('learns what it means that a value is missing', () => {
    const values = Float64Array.from({ length: 4_000 }, (_, i) => (i % 2 === 0 ? Number.NaN : 5));
    const answers = values.map((value) => (random.uniform() < (Number.isNaN(value) ? 0.8 : 0.3) ? 1 : 0));
    const fit = fitLogistic([{ name: 'gap', values }], answers, 1e-6);
    const [missing = 0, known = 0] = predictLogistic(fit, [
      { name: 'gap', values: Float64Array.of(Number.NaN, 5) },
    ]);
    expect(missing).toBeCloseTo(0.8, 1);
    expect(known).toBeCloseTo(0.3, 1);
  });

  it('stays finite where a feature tells everything', () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => i);
    const fit = fitLogistic(
      [{ name: 'x', values }],
      values.map((x) => (x < 50 ? 1 : 0)),
      0.001,
    );
    expect(fit.hasConverged).toBe(true);
    expect(Math.abs(fit.weights[0]?.weight ?? Number.NaN)).toBeLessThan(50);
  });

  it('has smaller weights the larger the penalty, and none for a feature that never differs', () => {
    const weigh = (penalty: number) => {
      const features = [
        { name: 'signal', values: signal },
        { name: 'constant', values: new Float64Array(users).fill(3) },
      ];
      return fitLogistic(features, labels, penalty).weights;
    };
    const weights = [0.001, 0.1, 1].map((penalty) => Math.abs(weigh(penalty)[0]?.weight ?? 0));
    expect(weights).toEqual([...weights].sort((one, other) => other - one));
    expect(weigh(0.001)[1]?.weight).toBeCloseTo(0, 9);
  });

  it('refuses to predict without a feature it was fitted on', () => {
    const fit = fitLogistic([{ name: 'signal', values: signal }], labels, 0.001);
    expect(() => predictLogistic(fit, [{ name: 'other', values: signal }])).toThrow('signal');
  });
});
