import { readRequestKey } from './request-key.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('readRequestKey', () => {
  it.each([
    [basic('key:'), 'key'],
    [basic('key:password'), 'key'],
    [basic('key'), 'key'],
    [basic(':password'), null],
    ['basic a2V5Og==', 'key'],
    ['Bearer rk_1', 'rk_1'],
    ['bearer  rk_1', 'rk_1'],
    ['Bearer', null],
    ['Digest username="x"', null],
    ['', null],
    [null, null],
  ])('of %s is %s', (authorization, expected) => {
    expect(readRequestKey(authorization)).toBe(expected);
  });
});
