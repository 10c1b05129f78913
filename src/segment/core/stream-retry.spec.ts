import { streamRestMs } from './stream-retry.js';

describe('A stream that failed', () => {
  it('rests longer after each failure in a row, up to a minute', () => {
    expect([1, 2, 3, 4, 5, 50].map(streamRestMs)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });
});
