import type { UserId } from '../kernel/ids.js';
import type { CompiledSegment } from './core/compile-segment.js';
import { diffLive, type LiveDifference } from './core/diff-live.js';
import type { LookedAt } from './core/looked-at.js';
import type { LiveStore } from './data/live-store.js';

/** One update of a live segment. */
export interface LiveStep {
  build: number;
  /** The moment of the update before, and of this one; ms since 1970. */
  time: { afterMs: number; untilMs: number };
  /** Users to whom something happened since. */
  changed: readonly UserId[];
  /** Users whose membership a full computation contradicts. */
  suspects: readonly UserId[];
  /** How many users an update looks at, at the most. */
  limit: number;
  /** The members and edges of these users, by `compileLive`. */
  compile: (within: LookedAt) => CompiledSegment;
}

export interface LiveStepResult extends LiveDifference {
  looked: number;
  /** Changes of users to whom nothing had happened and whose edge was not crossed: an update before missed them. */
  healed: number;
}

/**
 * Looks again at the users to whom something happened, or whose edge time crossed, and says what differs from what is
 * known; writes nothing but the look.
 * @returns null where these are more users than it may look at: then everyone is better computed anew
 */
export async function computeStep(store: LiveStore, step: LiveStep): Promise<LiveStepResult | null> {
  const { build, time, limit } = step;
  const due = await store.dueUsers(build, time, limit + 1);
  const users = [...new Set([...step.changed, ...due, ...step.suspects])];
  if (users.length > limit) return null;
  if (users.length === 0) return { looked: 0, healed: 0, rows: [], changes: [] };
  const look = await store.look(users);
  const query = step.compile(look.within);
  const [known, answers] = await Promise.all([store.known(build, look), store.answers(look, query)]);
  const difference = diffLive(look.persons, known, answers);
  const expected = new Set([...step.changed, ...due].map((userId) => look.persons.get(userId) ?? userId));
  const healed = difference.changes.filter(({ userId }) => !expected.has(userId)).length;
  return { ...difference, looked: users.length, healed };
}
