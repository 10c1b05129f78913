import type { UserId } from '../../kernel/ids.js';

/** What is kept of a user in a live segment. */
export interface LiveRow {
  userId: UserId;
  isMember: 0 | 1;
  /** The moment at which the answer may change though nothing happens, ms since 1970; 0: none. */
  edge: number;
}
/** What the segment says of a person now. */
export type LiveAnswer = LiveRow;

export interface MembershipChange {
  userId: UserId;
  isEntry: boolean;
}

/** What an update has to write, and who came and went. */
export interface LiveDifference {
  rows: LiveRow[];
  changes: MembershipChange[];
}

/**
 * Compares what is known of users with what the segment says now.
 *
 * Users who were merged are one: who was a member under any number was one, and the rows of numbers that nobody has any
 * more are emptied without a word. A user without an answer is no member and has no edge.
 * @param persons every number of the users looked at, with the number that each has now
 */
export function diffLive(
  persons: ReadonlyMap<UserId, UserId>,
  known: readonly LiveRow[],
  answers: readonly LiveAnswer[],
): LiveDifference {
  const byUser = new Map(known.map((row) => [row.userId, row]));
  const byPerson = new Map(answers.map((answer) => [answer.userId, answer]));
  const members = new Set(
    known.filter(({ isMember }) => isMember).map(({ userId }) => persons.get(userId) ?? userId),
  );
  const rows = [...persons].flatMap(([userId, person]) => {
    const before = byUser.get(userId) ?? { userId, isMember: 0, edge: 0 };
    const answer = userId === person ? byPerson.get(person) : undefined;
    const now: LiveRow = { userId, isMember: answer?.isMember ?? 0, edge: answer?.edge ?? 0 };
    return now.isMember === before.isMember && now.edge === before.edge ? [] : [now];
  });
  const changes = [...new Set(persons.values())].flatMap((userId) => {
    const isMember = byPerson.get(userId)?.isMember === 1;
    return isMember === members.has(userId) ? [] : [{ userId, isEntry: isMember }];
  });
  return { rows, changes: changes.sort((a, b) => a.userId - b.userId) };
}
