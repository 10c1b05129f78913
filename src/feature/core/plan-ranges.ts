import type { UserId } from '../../kernel/ids.js';

/** User numbers of one block: fine enough to cut by, few enough to count. */
export const BLOCK_SIZE = 4_096;
/** What a person costs beside the events, as a number of events: 34 µs against 1.2 µs, on the machine of bench/. */
const EVENTS_PER_PERSON = 28;
/** What one range may cost, as a number of events: 2 µs each, and about 100 bytes. */
const RANGE_LIMIT = 12_000_000;

/** How much there is of the users whose number divided by `BLOCK_SIZE` is `block`. */
export interface UserBlock {
  block: number;
  persons: number;
  events: number;
}

/** Persons after `after` until `until`, that one included; null: no end. */
export interface UserRange {
  after: UserId;
  until: UserId | null;
}

/**
 * Cuts the users of a project into ranges that together are all of them and cost about the same, as many for each lane.
 * What is computed at once is so bounded by events as well as by persons, whoever does the most.
 *
 * @param blocks in ascending order, without those that are empty
 */
export function planRanges(blocks: readonly UserBlock[], lanes: number): UserRange[] {
  const total = blocks.reduce((sum, block) => sum + costOf(block), 0);
  const share = total / (lanes * Math.ceil(total / (lanes * RANGE_LIMIT)));
  const ranges: UserRange[] = [];
  let after: UserId = 0;
  let cost = 0;
  for (const block of blocks.slice(0, -1)) {
    cost += costOf(block);
    if (cost < share * (ranges.length + 1)) continue;
    const until = (block.block + 1) * BLOCK_SIZE - 1;
    ranges.push({ after, until });
    after = until;
  }
  return [...ranges, { after, until: null }];
}

function costOf({ persons, events }: UserBlock): number {
  return events + persons * EVENTS_PER_PERSON;
}
