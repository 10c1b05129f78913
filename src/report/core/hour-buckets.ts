const HOUR_MS = 3_600_000;

/** What happened in one hour, UTC. */
export interface HourCount {
  /** Its beginning, ms since 1970. */
  hour: number;
  events: number;
  users: number;
}

/** Beginning of the first of `hours` hours, the last of which is the present one. */
export function firstHour(nowMs: number, hours: number): number {
  return Math.floor(nowMs / HOUR_MS) * HOUR_MS - (hours - 1) * HOUR_MS;
}

/** One entry per hour, oldest first; an hour in which nothing happened counts zero. */
export function fillHours(counts: readonly HourCount[], fromMs: number, hours: number): HourCount[] {
  const byHour = new Map(counts.map((count) => [count.hour, count]));
  return Array.from({ length: hours }, (_, i) => {
    const hour = fromMs + i * HOUR_MS;
    return byHour.get(hour) ?? { hour, events: 0, users: 0 };
  });
}
