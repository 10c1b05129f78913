import fc from 'fast-check';
import { previewShare, toCount } from './preview-share.js';

describe('The share of users that a preview looks at', () => {
  it.each([
    ['little is counted whole', 0, 1],
    ['so is what is read within a second', 10_000_000, 1],
    ['of more, one in so many that some two million rows are left', 60_000_000, 30],
    ['of very much, fewer', 1_000_000_001, 501],
  ])('%s', (_, rows, share) => {
    expect(previewShare(rows)).toBe(share);
  });

  it('is told with how sure the count is', () => {
    expect(toCount(20_000, 6)).toEqual({
      count: 120_000,
      estimate: { oneIn: 6, low: 118_482, high: 121_518 },
    });
    expect(toCount(0, 6)).toEqual({ count: 0, estimate: { oneIn: 6, low: 0, high: 18 } });
    expect(toCount(7, 1)).toEqual({ count: 7, estimate: null });
  });

  it('is never less than who was found', () => {
    const share = fc.integer({ min: 2, max: 1_000 });
    fc.assert(
      fc.property(fc.nat(1_000_000), share, (found, oneIn) => {
        const { count, estimate } = toCount(found, oneIn);
        return estimate !== null && found <= estimate.low && estimate.low <= count && count <= estimate.high;
      }),
    );
  });
});
