import { BLOCK_SIZE, planRanges, type UserBlock } from './plan-ranges.js';

function blocksOf(count: number, each: (i: number) => number): UserBlock[] {
  return Array.from({ length: count }, (_, block) => ({ block, persons: BLOCK_SIZE, events: each(block) }));
}

describe('planRanges', () => {
  it.each([
    ['nobody', []],
    ['few', [{ block: 3, persons: 10, events: 50 }]],
  ])('makes one range of %s', (_name, blocks) => {
    expect(planRanges(blocks, 2)).toEqual([{ after: 0, until: null }]);
  });

  it('leaves no user out and takes none twice', () => {
    const ranges = planRanges(
      blocksOf(250, (i) => 1_000_000 / (i + 1)),
      2,
    );
    expect(ranges[0]?.after).toBe(0);
    expect(ranges.slice(1).map(({ after }) => after)).toEqual(ranges.slice(0, -1).map(({ until }) => until));
    expect(ranges.at(-1)?.until).toBeNull();
  });

  it('cuts those who do much into smaller ranges', () => {
    const ranges = planRanges(
      blocksOf(200, (i) => (i < 20 ? 2_000_000 : 100_000)),
      2,
    );
    const sizes = ranges.map(({ after, until }) => (until ?? 200 * BLOCK_SIZE) - after);
    expect(ranges.length % 2).toBe(0);
    expect(sizes[0]).toBeLessThan((sizes.at(-1) ?? 0) / 5);
  });
});
