import { auc, calibrationTable, liftInTopDecile } from './metrics.js';

const judged = (predicted: number[], actual: number[]) => ({
  predicted: Float64Array.from(predicted),
  actual: Float64Array.from(actual),
});

describe('How good a ranking is', () => {
  it.each<[string, number[], number[], number | null]>([
    ['perfect', [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1],
    ['upside down', [0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 0],
    ['the same for all', [0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1], 0.5],
    ['half tied', [0.1, 0.5, 0.5, 0.9], [0, 0, 1, 1], 0.875],
    ['without anyone who churned', [0.1, 0.2], [0, 0], null],
  ])('has an area under the curve when it is %s', (_, predicted, actual, area) => {
    expect(auc(judged(predicted, actual))).toBe(area);
  });

  it('has a lift of the inverse rate when the top tenth all churned', () => {
    const predicted = Array.from({ length: 100 }, (_, i) => i);
    const actual = predicted.map((i) => (i >= 80 ? 1 : 0));
    expect(liftInTopDecile(judged(predicted, actual))).toBeCloseTo(5);
    expect(liftInTopDecile(judged(predicted, actual.toReversed()))).toBe(0);
  });

  it('has a lift of 1 when all are tied, whoever comes first', () => {
    const actual = Array.from({ length: 100 }, (_, i) => (i < 30 ? 1 : 0));
    expect(liftInTopDecile(judged(new Array(100).fill(0.5), actual))).toBeCloseTo(1);
    expect(liftInTopDecile(judged([0.1, 0.2], [0, 0]))).toBeNull();
  });

  it('is compared with what happened in tenths of about equal size', () => {
    const predicted = Array.from({ length: 25 }, (_, i) => i / 25);
    const table = calibrationTable(
      judged(
        predicted,
        predicted.map((each) => (each >= 0.5 ? 1 : 0)),
      ),
    );
    expect(table).toHaveLength(10);
    expect(table.reduce((sum, { users }) => sum + users, 0)).toBe(25);
    expect(table[0]).toEqual({ users: 2, predicted: 0.02, actual: 0 });
    expect(table[9]?.actual).toBe(1);
    expect(calibrationTable(judged([0.3], [1]))).toEqual([{ users: 1, predicted: 0.3, actual: 1 }]);
  });
});
