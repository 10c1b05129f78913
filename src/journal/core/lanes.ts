import type { ProjectId } from '../../kernel/ids.js';

/**
 * Each project's envelopes go through one lane, and each lane through one worker at a time: that is what
 * keeps the events of one user in order. See docs/adr/0001-journal-before-everything.md.
 */
export const LANES = 16;

export function laneOf(projectId: ProjectId): number {
  return projectId % LANES;
}

/** How many lanes one of `workers` workers may hold, so that together they hold all. */
export function fairShare(workers: number): number {
  return Math.ceil(LANES / Math.max(1, workers));
}
