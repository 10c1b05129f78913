import { nextRun } from '../../kernel/time/next-run.js';
import type { SegmentDefinition } from './condition.js';

/** What of a segment decides when it runs. */
export interface Scheduled {
  state: 'active' | 'paused' | 'archived';
  scheduleCron: string | null;
  scheduleZone: string;
}

/** When a segment is due next, ms since 1970; null unless it is active and has a schedule. */
export function dueNext(segment: Scheduled, nowMs: number): number | null {
  if (segment.state !== 'active' || segment.scheduleCron === null) return null;
  return nextRun({ cron: segment.scheduleCron, timeZone: segment.scheduleZone }, nowMs);
}

/** Whether two definitions are written alike; the order of the fields means nothing. */
export function isSameDefinition(a: SegmentDefinition, b: SegmentDefinition): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
