import type { Segment } from '../data/segment.repository.js';
import type { SegmentRun } from '../data/segment-run.repository.js';
import type { JudgedForecast } from '../forecast.service.js';

const DAY_MS = 86_400_000;

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
    priority: segment.priority,
    nextRunAt: segment.nextRunAt?.toISOString() ?? null,
    live: segment.isLive,
    changes: segment.changes,
    createdAt: segment.createdAt.toISOString(),
    updatedAt: segment.updatedAt.toISOString(),
  };
}

/** A run as the API shows it, with its query. */
export function toRunDetail(run: SegmentRun, keptDays: number) {
  return { ...toRunSummary(run, keptDays), sql: run.sql, params: run.params };
}

/** A run as the API shows it, without its query. */
export function toRunSummary(run: SegmentRun, keptDays: number) {
  return {
    id: run.id,
    segmentId: run.segmentId,
    version: run.version,
    asOf: run.asOf.toISOString(),
    state: run.state,
    trigger: run.trigger,
    priority: run.priority,
    lane: run.lane,
    attempts: run.attempts,
    retryAt: run.retryAt?.toISOString() ?? null,
    queuedAt: run.queuedAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
    durationMs: run.durationMs,
    memberCount: run.memberCount,
    enteredCount: run.enteredCount,
    exitedCount: run.exitedCount,
    comparedRunId: run.comparedRunId,
    rowsForecast: run.rowsForecast,
    bytesForecast: run.bytesForecast,
    rowsRead: run.rowsRead,
    bytesRead: run.bytesRead,
    peakMemoryBytes: run.peakMemoryBytes,
    elapsedMs: run.elapsedMs,
    membersKeptUntil: keptUntil(run, keptDays),
    error: run.error,
  };
}

/** What a run would cost, as the API shows it. */
export function toForecastAnswer({ rows, bytes, tables, lane, limits, refusal }: JudgedForecast) {
  return { rows, bytes, tables, lane, maxRows: limits.maxRows, refusal };
}

/** Until then at least; of a run whose members were dropped, when that was. */
function keptUntil({ state, finishedAt, membersDroppedAt }: SegmentRun, keptDays: number): string | null {
  if (membersDroppedAt) return membersDroppedAt.toISOString();
  if (state !== 'done' || !finishedAt) return null;
  return new Date(finishedAt.getTime() + keptDays * DAY_MS).toISOString();
}
