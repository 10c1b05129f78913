import { describe, expect, it } from '@jest/globals';
import { finalMerges } from './final-merges.js';

describe('merges of one batch', () => {
  it.each<[string, [number, number][], [number, number][]]>([
    ['leads to the person merged into', [[1, 2]], [[1, 2]]],
    [
      'follows a chain to its end',
      [
        [1, 2],
        [2, 3],
        [4, 3],
      ],
      [
        [1, 3],
        [2, 3],
        [4, 3],
      ],
    ],
    ['has nothing to say of a person merged into itself', [[1, 1]], []],
  ])('%s', (_, merges, expected) => {
    const final = finalMerges(merges.map(([from, into]) => ({ from, into })));
    expect([...final].sort(([a], [b]) => a - b)).toEqual(expected);
  });
});
