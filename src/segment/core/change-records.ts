import { formatUserId } from '../../kernel/ids.js';
import { type ToldBatch, toChange, toHead } from './change-effects.js';
import type { MembershipChange } from './diff-live.js';

/** A record of a topic. */
export interface ChangeRecord {
  key: string;
  value: string;
  /** ms since 1970 */
  timeMs: number;
}

/**
 * A record of each change, by the key of its user. Made again, a change is the same record with the same `id`, by which
 * readers know what they have read already.
 */
export function toChangeRecords(
  batch: ToldBatch,
  names: { project: string; segment: string },
  changes: readonly MembershipChange[],
): ChangeRecord[] {
  const head = toHead(batch, names.segment);
  const timeMs = batch.at.getTime();
  return changes.map((change) => {
    const key = formatUserId(change.userId);
    const id = `${batch.segmentId}.${batch.id}.${key}`;
    return {
      key,
      timeMs,
      value: JSON.stringify({ id, project: names.project, ...head, ...toChange(change) }),
    };
  });
}
