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

  it('gives each range about the same to do', () => {
    const eventsOf = (block: number) => (block < 20 ? 2_000_000 : 100_000);
    const blocks = Array.from({ length: 200 }, (_, block) => ({
      block,
      persons: 0,
      events: eventsOf(block),
    }));
    const costs = planRanges(blocks, 2).map(({ after, until }) =>
      blocks
        .filter(({ block }) => block * BLOCK_SIZE >= after && (until === null || block * BLOCK_SIZE <= until))
        .reduce((sum, { events }) => sum + events, 0),
    );
    expect(costs.length).toBeGreaterThan(2);
    expect(costs.reduce((sum, cost) => sum + cost)).toBe(58_000_000);
    // No closer than by whole blocks.
    expect(Math.max(...costs) - Math.min(...costs)).toBeLessThanOrEqual(2 * 2_000_000);
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
