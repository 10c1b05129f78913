import type { TrackedRecord } from '../kernel/event.js';
import type { ProfileMerge } from '../kernel/resumption.js';
import type { ProfileBatch } from '../store/contract.js';

/** What the step `profile` may refuse: a record, or a merge whose profiles cannot become one. */
export type ProfileItem = ProfileMerge | TrackedRecord;

export function isTracked(item: ProfileItem): item is TrackedRecord {
  return !('into' in item);
}

/**
 * The profile batch of some of the items; the profiles of the merges that are not among them stay apart.
 * @param merges all merges of the batch, in order
 */
export function toProfileBatch(
  batch: Pick<ProfileBatch, 'id' | 'splits' | 'created'>,
  merges: readonly ProfileMerge[],
  items: readonly ProfileItem[],
): ProfileBatch {
  const { id, splits, created } = batch;
  // Merges come first.
  const firstRecord = items.findIndex(isTracked);
  const end = firstRecord === -1 ? items.length : firstRecord;
  const taken = items.slice(0, end) as ProfileMerge[];
  const unmerged = taken.length === merges.length ? [] : merges.filter((merge) => !taken.includes(merge));
  return { id, splits, created, merges: taken, unmerged, records: items.slice(end) as TrackedRecord[] };
}
