import { informationValue, populationStability, toEdges } from './stability.js';

describe('The stability of a population', () => {
  it('is 0 where nothing moved, whatever the size', () => {
    expect(populationStability([10, 20, 70], [100, 200, 700])).toBeCloseTo(0);
  });

  it('is the sum over bins of the change times the logarithm of the factor', () => {
    const byHand = (0.5 - 0.25) * Math.log(0.5 / 0.25) + (0.5 - 0.75) * Math.log(0.5 / 0.75);
    expect(populationStability([25, 75], [50, 50])).toBeCloseTo(byHand, 12);
  });

  it('is large, and finite, where a bin emptied', () => {
    const index = populationStability([50, 50], [100, 0]);
    expect(index).toBeGreaterThan(0.25);
    expect(Number.isFinite(index)).toBe(true);
  });

  it('is nothing without rows', () => {
    expect(populationStability([0, 0], [1, 2])).toBeNull();
  });
});

describe('The information value', () => {
  it('is nearly 0 where every bin has the same rate', () => {
    expect(
      informationValue([
        { rows: 1000, positives: 100 },
        { rows: 3000, positives: 300 },
      ]),
    ).toBeCloseTo(0, 4);
  });

  it('rises with the difference between the bins', () => {
    const weak =
      informationValue([
        { rows: 100, positives: 40 },
        { rows: 100, positives: 60 },
      ]) ?? 0;
    const strong =
      informationValue([
        { rows: 100, positives: 5 },
        { rows: 100, positives: 95 },
      ]) ?? 0;
    expect(weak).toBeGreaterThan(0.02);
    expect(strong).toBeGreaterThan(weak);
  });

  it('is nothing where every row has the same outcome', () => {
    expect(informationValue([{ rows: 10, positives: 10 }])).toBeNull();
  });
});

describe('The edges of bins', () => {
  it('are the different quantiles, in order', () => {
    expect(toEdges([1, 1, 2, null, 2, 5])).toEqual([1, 2, 5]);
  });
});
