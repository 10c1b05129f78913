import type { Merge, Split } from '../identify/contract.js';
import type { TrackedRecord } from '../kernel/event.js';
import type { ProjectId, UserId } from '../kernel/ids.js';

/** Everyone whose events, profile or identity a batch changed, each once. */
export function concernedUsers(batch: {
  records: readonly TrackedRecord[];
  merges: readonly Merge[];
  splits: readonly Split[];
  created: readonly { projectId: ProjectId; userId: UserId }[];
}): { projectId: ProjectId; userId: UserId }[] {
  const all = [
    ...batch.records,
    ...batch.created,
    ...batch.merges.flatMap(({ projectId, from, into }) => both(projectId, from, into)),
    ...batch.splits.flatMap(({ projectId, restored, from }) => both(projectId, restored, from)),
  ];
  const byUser = new Map(all.map(({ projectId, userId }) => [userId, { projectId, userId }]));
  return [...byUser.values()];
}

function both(projectId: ProjectId, a: UserId, b: UserId) {
  return [
    { projectId, userId: a },
    { projectId, userId: b },
  ];
}
