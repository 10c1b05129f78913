import type { TrackedRecord } from '../kernel/event.js';
import { concernedUsers } from './concerned-users.js';

const record = (userId: number, formerUserId?: number) =>
  ({ projectId: 1, userId, ...(formerUserId ? { formerUserId } : {}) }) as TrackedRecord;

describe('Whom a batch concerns', () => {
  it('is everyone with a record, new, merged or split, once', () => {
    const users = concernedUsers({
      records: [record(1), record(1), record(5, 4)],
      created: [
        { projectId: 1, userId: 1 },
        { projectId: 2, userId: 9 },
      ],
      merges: [{ id: 1, projectId: 1, from: 4, into: 5 }],
      splits: [{ mergeId: 2, projectId: 1, restored: 6, from: 7, family: [6] }],
    });
    expect(users.sort((a, b) => a.userId - b.userId)).toEqual([
      { projectId: 1, userId: 1 },
      { projectId: 1, userId: 4 },
      { projectId: 1, userId: 5 },
      { projectId: 1, userId: 6 },
      { projectId: 1, userId: 7 },
      { projectId: 2, userId: 9 },
    ]);
  });
});
