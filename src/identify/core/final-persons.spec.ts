import { finalPersons } from './final-persons.js';

it('follows the merges of a batch to their end', () => {
  const merges = [
    { from: 1, into: 2 },
    { from: 2, into: 3 },
    { from: 5, into: 3 },
  ];
  expect(finalPersons([1, 2, 3, 4, 5], merges)).toEqual([3, 3, 3, 4, 3]);
});
