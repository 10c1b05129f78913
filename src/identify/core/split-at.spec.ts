import { splitAt } from './split-at.js';

it.each<[string, number[], number[][]]>([
  ['nothing', [], []],
  ['one run', [1, 2], [[1, 2]]],
  ['a run before and one behind', [1, 0, 2, 3], [[1], [0], [2, 3]]],
  ['several that stand alone', [0, 0, 1], [[0], [0], [1]]],
])('cuts %s', (_name, items, runs) => {
  expect(splitAt(items, (item) => item === 0)).toEqual(runs);
});
