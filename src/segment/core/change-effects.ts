import type { CallWebhook, Effect, RecordEvent } from '../../kernel/effects.js';
import { SYSTEM_EVENTS } from '../../kernel/event.js';
import { formatUserId, NO_USER, type ProjectId } from '../../kernel/ids.js';
import type { ChangeTargets } from './change-settings.js';
import type { MembershipChange } from './diff-live.js';

/** Changes of a segment that were found together, as effects tell of them. */
export interface ToldBatch extends ChangeTargets {
  id: number;
  segmentId: string;
  projectId: ProjectId;
  version: number;
  source: 'run' | 'live';
  runId: string | null;
  at: Date;
}

/**
 * The effects of some changes of a batch. Those of the same change have the same key each time, however often it is told.
 * @param changes a page of the batch: the same pages each time, so that each is one call of the webhook
 */
export function toChangeEffects(
  batch: ToldBatch,
  segmentName: string,
  changes: readonly MembershipChange[],
): Effect[] {
  const [first] = changes;
  if (!first) return [];
  return [
    ...(batch.doesRecord ? changes.map((change) => toEvent(batch, change)) : []),
    ...(batch.webhookUrl === null
      ? []
      : [toCall({ ...batch, url: batch.webhookUrl, segmentName }, changes, first.userId)]),
  ];
}

function toEvent(batch: ToldBatch, { userId, isEntry }: MembershipChange): RecordEvent {
  return {
    kind: 'record_event',
    projectId: batch.projectId,
    userId,
    event: isEntry ? SYSTEM_EVENTS.segmentEntered : SYSTEM_EVENTS.segmentExited,
    time: batch.at.getTime(),
    dedupeKey: `${batch.segmentId} ${batch.id} ${userId}`,
    properties: {
      segment_id: batch.segmentId,
      segment_version: batch.version,
      ...(batch.runId === null ? {} : { run_id: batch.runId }),
    },
  };
}

function toCall(
  batch: ToldBatch & { url: string; segmentName: string },
  changes: readonly MembershipChange[],
  firstUser: number,
): CallWebhook {
  return {
    kind: 'call_webhook',
    projectId: batch.projectId,
    userId: NO_USER,
    origin: batch.segmentId,
    url: batch.url,
    dedupeKey: `segment-changes ${batch.id} ${firstUser}`,
    body: {
      ...toHead(batch, batch.segmentName),
      changes: changes.map(toChange),
    },
  };
}

/** What is said of changes outside: which segment, found by what, and of which moment. */
export function toHead(batch: ToldBatch, segmentName: string) {
  return {
    segment: { id: batch.segmentId, name: segmentName, version: batch.version },
    source: batch.source,
    runId: batch.runId,
    at: batch.at.toISOString(),
  };
}

/** One change, as it is told outside. */
export function toChange({ userId, isEntry }: MembershipChange) {
  return { userId: formatUserId(userId), change: isEntry ? ('entered' as const) : ('exited' as const) };
}
