import { isAllowedOrigin } from './request-origin.js';

const allowed = new Set(['https://shop.example', 'null']);

describe('isAllowedOrigin', () => {
  it.each([
    ['https://shop.example', null, true],
    ['https://shop.example:8443', null, false],
    ['http://shop.example', null, false],
    ['https://evil.example', 'https://shop.example/', false],
    ['null', null, true],
    [null, 'https://shop.example/a?b', true],
    [null, 'https://evil.example/https://shop.example', false],
    [null, 'no address', false],
    [null, null, true],
  ])('of origin %s and referer %s is %s', (origin, referer, expected) => {
    expect(isAllowedOrigin(allowed, { origin, referer })).toBe(expected);
  });
});
