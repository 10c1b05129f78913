/** How urgent the runs of a segment are among those of their project, the most urgent first. */
export const PRIORITIES = ['high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** So long a run waits until it counts as one priority more urgent: the least urgent one is late, never forgotten. */
export const RAISED_EVERY_MS = 30 * 60_000;
