import type { Identities } from '../identify/contract.js';
import type { Effect } from '../kernel/effects.js';
import type { TrackedRecord } from '../kernel/event.js';
import { NO_USER, type UserId } from '../kernel/ids.js';
import type { ProfileMerge, Resumption } from '../kernel/resumption.js';

/** The records that a step does again. */
export function recordsOf(resumed: readonly Resumption[], step: 'trigger' | 'attribute'): TrackedRecord[] {
  return resumed.flatMap((one) => ('record' in one && one.step === step ? [one.record] : []));
}

export function effectsOf(resumed: readonly Resumption[]): Effect[] {
  return resumed.flatMap((one) => ('effect' in one ? [one.effect] : []));
}

export function profileMergesOf(resumed: readonly Resumption[]): ProfileMerge[] {
  return resumed.flatMap((one) => ('merge' in one ? [one.merge] : []));
}

/**
 * What is done again is for whom its user is by now. A merge of profiles whose persons are two again has nothing left
 * to do, and is left out.
 */
export async function withCurrentUsers(
  resumed: readonly Resumption[],
  identities: Identities,
): Promise<Resumption[]> {
  const current: Resumption[] = [];
  for (const projectId of new Set(resumed.map(projectOf))) {
    const own = resumed.filter((one) => projectOf(one) === projectId);
    const userIds = [...new Set(own.flatMap(usersOf))];
    const found = await identities.findAllCurrent(projectId, userIds);
    const nowOf = new Map(userIds.map((userId, i) => [userId, found[i] ?? userId]));
    current.push(...own.flatMap((one) => toCurrent(one, (userId) => nowOf.get(userId) ?? userId)));
  }
  return current;
}

function projectOf(one: Resumption): number {
  switch (one.step) {
    case 'profile':
      return one.merge.projectId;
    case 'trigger':
    case 'attribute':
      return one.record.projectId;
    case 'effects':
      return one.effect.projectId;
  }
}

function usersOf(one: Resumption): UserId[] {
  switch (one.step) {
    case 'profile':
      return [one.merge.from, one.merge.into];
    case 'trigger':
    case 'attribute':
      return [one.record.userId];
    case 'effects':
      return 'userId' in one.effect && one.effect.userId !== NO_USER ? [one.effect.userId] : [];
  }
}

function toCurrent(one: Resumption, now: (userId: UserId) => UserId): Resumption[] {
  switch (one.step) {
    case 'profile': {
      const into = now(one.merge.into);
      return now(one.merge.from) === into ? [{ ...one, merge: { ...one.merge, into } }] : [];
    }
    case 'trigger':
    case 'attribute':
      return [{ ...one, record: { ...one.record, userId: now(one.record.userId), isResumed: true } }];
    case 'effects': {
      const { effect } = one;
      return [{ ...one, effect: 'userId' in effect ? { ...effect, userId: now(effect.userId) } : effect }];
    }
  }
}
