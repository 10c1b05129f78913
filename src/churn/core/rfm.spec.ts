import { gapRatio } from './gap-ratio.js';
import { quintile, quintileBounds } from './rfm.js';

describe('RFM', () => {
  it.each<[string, number[], number[]]>([
    ['ten different ones', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]],
    ['most of them equal', [1, 1, 1, 1, 1, 1, 1, 2, 3, 9], [1, 1, 1, 1, 1, 1, 1, 4, 5, 5]],
    ['all equal', [7, 7, 7], [1, 1, 1]],
    ['equal ones at the top', [1, 2, 3, 3, 3], [1, 2, 3, 3, 3]],
  ])('gives the fifths of customers with %s', (_, values, scores) => {
    const bounds = quintileBounds(Float64Array.from(values));
    expect(values.map((value) => quintile(value, bounds))).toEqual(scores);
  });

  it('scores someone new by the bounds of the others', () => {
    const bounds = quintileBounds(Float64Array.of(1, 2, 3, 4, 5));
    expect([-10, 2.5, 100].map((value) => quintile(value, bounds))).toEqual([1, 2, 5]);
  });
});

describe('The gap ratio', () => {
  it.each<[string, [number, number, number], number]>([
    ['as long as usual', [7, 5, 28], 1],
    ['three times as long', [21, 5, 28], 3],
    ['active today', [0, 2, 1], 0],
    ['without a usual gap', [30, 1, 0], Number.NaN],
  ])('of someone %s', (_, [daysSinceLast, activeDays, spanDays], ratio) => {
    expect(gapRatio(daysSinceLast, activeDays, spanDays)).toBe(ratio);
  });
});
