import type { Segment } from '../data/segment.repository.js';
import type { SegmentRun } from '../data/segment-run.repository.js';

/** A segment as the API shows it. */
export function toSegment(segment: Segment) {
  return {
    id: segment.id,
    name: segment.name,
    description: segment.description,
    definition: segment.definition,
    version: segment.version,
    schedule:
      segment.scheduleCron === null ? null : { cron: segment.scheduleCron, timeZone: segment.scheduleZone },
    state: segment.state,
    nextRunAt: segment.nextRunAt?.toISOString() ?? null,
    createdAt: segment.createdAt.toISOString(),
    updatedAt: segment.updatedAt.toISOString(),
  };
}

/** A run as the API shows it, without its query. */
export function toRunSummary(run: SegmentRun) {
  return {
    id: run.id,
    segmentId: run.segmentId,
    version: run.version,
    asOf: run.asOf.toISOString(),
    state: run.state,
    trigger: run.trigger,
    attempts: run.attempts,
    queuedAt: run.queuedAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
    durationMs: run.durationMs,
    memberCount: run.memberCount,
    enteredCount: run.enteredCount,
    exitedCount: run.exitedCount,
    error: run.error,
  };
}
