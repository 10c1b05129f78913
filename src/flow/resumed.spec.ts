import type { Identities } from '../identify/contract.js';
import type { Effect } from '../kernel/effects.js';
import type { TrackedRecord } from '../kernel/event.js';
import type { Resumption } from '../kernel/resumption.js';
import { withCurrentUsers } from './resumed.js';

/** In the first project, 1 was merged into 2; in the second nobody was merged. */
const identities = {
  findAllCurrent: async (projectId: number, userIds: readonly number[]) =>
    userIds.map((userId) => (projectId === 1 && userId === 1 ? 2 : userId)),
} as unknown as Identities;
const resume = (...resumed: Resumption[]) => withCurrentUsers(resumed, identities);
const record = (projectId: number, userId: number) => ({ projectId, userId, eventId: 'e' }) as TrackedRecord;
const message = (projectId: number, userId: number) =>
  ({ kind: 'request_message', projectId, userId, dedupeKey: 'k' }) as Effect;

describe('what is done again', () => {
  it('is for whom its user is by now', async () => {
    expect(
      await resume(
        { step: 'trigger', record: record(1, 1) },
        { step: 'attribute', record: record(2, 1) },
        { step: 'effects', effect: message(1, 1) },
      ),
    ).toEqual([
      { step: 'trigger', record: { ...record(1, 2), isResumed: true } },
      { step: 'effects', effect: message(1, 2) },
      { step: 'attribute', record: { ...record(2, 1), isResumed: true } },
    ]);
  });

  it('leaves out profiles of persons who are two again', async () => {
    const merge = (from: number, into: number): Resumption => ({
      step: 'profile',
      merge: { id: 9, projectId: 1, from, into },
    });
    expect(await resume(merge(1, 2), merge(7, 8))).toEqual([merge(1, 2)]);
  });

  it('may have no user', async () => {
    const effect = { kind: 'record_engagement', projectId: 1, messageId: 'm', engagement: 'opened', at: 1 };
    const one = { step: 'effects', effect: effect as Effect } as const;
    expect(await resume(one)).toEqual([one]);
  });
});
