import { isSameJson } from './same-json.js';

describe('isSameJson', () => {
  it('looks past the order of fields', () => {
    expect(isSameJson({ a: { b: 1, c: [1, 2] }, d: null }, { d: null, a: { c: [1, 2], b: 1 } })).toBe(true);
  });

  it.each([
    ['another value', { a: 1 }, { a: 2 }],
    ['another order in a list', { a: [1, 2] }, { a: [2, 1] }],
    ['another type', { a: 1 }, { a: '1' }],
  ])('sees %s', (_, a, b) => {
    expect(isSameJson(a, b)).toBe(false);
  });
});
