import { minimise, type Slope } from './minimise.js';

describe('Minimising', () => {
  it.each<[string, (at: readonly number[]) => Slope, number[], number[]]>([
    [
      'a bowl',
      ([x = 0, y = 0]) => ({ value: (x - 3) ** 2 + (y + 1) ** 2, gradient: [2 * (x - 3), 2 * (y + 1)] }),
      [0, 0],
      [3, -1],
    ],
    [
      'a bent valley',
      ([x = 0, y = 0]) => ({
        value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
        gradient: [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
      }),
      [-1.2, 1],
      [1, 1],
    ],
    ['one parameter', ([x = 0]) => ({ value: Math.cosh(x - 2), gradient: [Math.sinh(x - 2)] }), [10], [2]],
    [
      'four parameters of different steepness',
      (at) => ({
        value: at.reduce((sum, x, i) => sum + 10 ** i * (x - i) ** 2, 0),
        gradient: at.map((x, i) => 2 * 10 ** i * (x - i)),
      }),
      [5, 5, 5, 5],
      [0, 1, 2, 3],
    ],
  ])('finds the bottom of %s', (_, objective, start, bottom) => {
    const found = minimise(objective, start);
    expect(found.hasConverged).toBe(true);
    for (const [i, x] of found.at.entries()) expect(x).toBeCloseTo(bottom[i] ?? 0, 4);
  });

  it('keeps out of where the function has no value', () => {
    const found = minimise(
      ([x = 0]) =>
        x <= 0 ? { value: Number.NaN, gradient: [0] } : { value: x - Math.log(x), gradient: [1 - 1 / x] },
      [4],
    );
    expect(found.at[0]).toBeCloseTo(1, 4);
  });

  it('ends on an endless slope, and says so', () => {
    const found = minimise(([x = 0]) => ({ value: -x, gradient: [-1] }), [0]);
    expect(found.hasConverged).toBe(false);
    expect(found.evaluations).toBeLessThan(1_100);
  });
});
