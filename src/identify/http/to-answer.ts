import { formatUserId } from '../../kernel/ids.js';
import { invalidField } from '../../platform/http-server/problem.js';
import { formatMergeId } from '../core/merge-request.js';
import type { MergeRequestResult, StoredMerge, StoredRefusal } from '../data/merge-log.repository.js';
import type { PendingRequest } from '../merge.service.js';

export function toMerge(merge: StoredMerge) {
  const isRequested = merge.requestedBy !== null;
  return {
    id: formatMergeId(merge.id),
    at: merge.at.toISOString(),
    from: formatUserId(merge.from),
    into: formatUserId(merge.into),
    cause: {
      event: isRequested || merge.event === '' ? null : merge.event,
      eventId: isRequested ? null : merge.eventId,
      requestedBy: merge.requestedBy,
    },
    identities: { from: byKey(merge.fromIdentities), into: byKey(merge.intoIdentities) },
    undoneAt: merge.undoneAt?.toISOString() ?? null,
    undoneBy: merge.undoneBy,
  };
}

export function toRefusal(refusal: StoredRefusal) {
  return {
    reason: refusal.reason,
    identity: { key: refusal.key, value: refusal.value },
    claimedBy: refusal.userId === 0 ? null : formatUserId(refusal.userId),
    owner: refusal.ownerId === null ? null : formatUserId(refusal.ownerId),
    times: refusal.times,
    lastEventId: refusal.eventId,
    firstAt: refusal.firstAt.toISOString(),
    lastAt: refusal.lastAt.toISOString(),
  };
}

export function toRequest(request: MergeRequestResult | PendingRequest) {
  const { id, kind, state } = request;
  if (request.state === 'pending') return { id, kind, state, refusals: [], merges: [] };
  return {
    id,
    kind,
    state,
    refusals: request.refusals.map(({ reason, identity, userId }) => ({
      reason,
      identity,
      user: userId === null ? null : formatUserId(userId),
    })),
    merges: request.mergeIds.map(formatMergeId),
  };
}

/** The number behind which a page starts; null for the first page. */
export function toRowId(key: string | null): number | null {
  if (key === null) return null;
  if (!/^[1-9]\d{0,14}$/.test(key)) {
    throw invalidField('?cursor', 'invalid_cursor', 'Use the nextCursor of a page as it came.');
  }
  return Number(key);
}

function byKey(identities: readonly [string, string][]): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  for (const [key, value] of identities) values[key] = [...(values[key] ?? []), value];
  return values;
}
