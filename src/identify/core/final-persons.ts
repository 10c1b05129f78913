import type { UserId } from '../../kernel/ids.js';

/** Who the persons of a batch's records are once all of its merges are done. */
export function finalPersons(
  userIds: readonly UserId[],
  merges: readonly { from: UserId; into: UserId }[],
): UserId[] {
  const next = new Map(merges.map(({ from, into }) => [from, into]));
  return userIds.map((userId) => {
    let current = userId;
    for (let into = next.get(current); into !== undefined; into = next.get(current)) current = into;
    return current;
  });
}
