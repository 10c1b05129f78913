import type { UserId } from '../../kernel/ids.js';

/**
 * Follows chains of merges to their ends.
 * @param merges in the order in which they happened
 * @returns each absorbed person with the one that stays in the end
 */
export function finalMerges(merges: readonly { from: UserId; into: UserId }[]): Map<UserId, UserId> {
  const final = new Map<UserId, UserId>();
  for (const { from, into } of merges.toReversed()) {
    const target = final.get(into) ?? into;
    if (target !== from) final.set(from, target);
  }
  return final;
}
