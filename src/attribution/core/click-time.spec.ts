import { toClickedAt } from './click-time.js';

const NOW = Date.UTC(2026, 10, 20);
const DAY = 86_400_000;

describe('toClickedAt', () => {
  it.each([
    ['the time of the network', NOW - 3_000, NOW - 3_000],
    ['seconds as what they are', (NOW - 3_000) / 1_000, NOW - 3_000],
    ['our own time where none came', null, NOW],
    ['our own time for one a little ahead', NOW + 60_000, NOW],
    ['our own time for one far ahead', NOW + DAY, NOW],
    ['our own time for one from long ago', NOW - 8 * DAY, NOW],
    ['our own time for nonsense', Number.NaN, NOW],
  ])('takes %s', (_, given, expected) => {
    expect(toClickedAt(given, NOW)).toBe(expected);
  });
});
