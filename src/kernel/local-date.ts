const DAY_MS = 86_400_000;

/** Whether the text is a day that exists, as `YYYY-MM-DD`. */
export function isLocalDate(text: string): boolean {
  const utcMs = Date.parse(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(utcMs) && new Date(utcMs).toISOString().startsWith(text)
  );
}

/**
 * The first moment of a day in a time zone, ms since 1970. Where the clocks skip midnight, it is the moment of the skip.
 * @param date `YYYY-MM-DD`
 * @param timeZone IANA name
 */
export function startOfLocalDay(date: string, timeZone: string): number {
  const wallMs = Date.parse(`${date}T00:00:00Z`);
  const zone = zoneOffset(timeZone);
  // Offsets change rarely: those of the days around give the only moments that can be this midnight.
  const offsets = [zone(wallMs - DAY_MS), zone(wallMs), zone(wallMs + DAY_MS)];
  const candidates = offsets.map((offsetMs) => wallMs - offsetMs).sort((a, b) => a - b);
  const midnight = candidates.find((atMs) => atMs + zone(atMs) === wallMs);
  return (
    midnight ??
    findSkip(candidates[0] ?? wallMs, candidates.at(-1) ?? wallMs, (atMs) => atMs + zone(atMs) >= wallMs)
  );
}

/**
 * The wall clock of a time zone at a moment, as `YYYY-MM-DDTHH:MM:SS`.
 * @param atMs ms since 1970
 * @param timeZone IANA name
 */
export function toLocalTime(atMs: number, timeZone: string): string {
  return new Date(atMs + zoneOffset(timeZone)(atMs)).toISOString().slice(0, 19);
}

/** The date so many days later, or earlier. Both as `YYYY-MM-DD`. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The first day of the month so many months later, or earlier. Both as `YYYY-MM-DD`. */
export function addMonths(date: string, months: number): string {
  const day = new Date(Date.parse(date));
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + months, 1)).toISOString().slice(0, 10);
}

/** The Monday on or before a date. */
export function toMonday(date: string): string {
  return addDays(date, -((new Date(Date.parse(date)).getUTCDay() + 6) % 7));
}

const OFFSETS = new Map<string, (atMs: number) => number>();

/**
 * Tells how far the clocks of a time zone are ahead of UTC at a moment, in ms.
 * @param timeZone IANA name; its clock is made once
 */
export function zoneOffset(timeZone: string): (atMs: number) => number {
  const known = OFFSETS.get(timeZone) ?? makeZoneOffset(timeZone);
  OFFSETS.set(timeZone, known);
  return known;
}

function makeZoneOffset(timeZone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (atMs) => {
    const parts = Object.fromEntries(
      format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000;
  };
}

/** The first ms between two moments at which `isPast` holds; it holds at the later one. */
function findSkip(fromMs: number, toMs: number, isPast: (atMs: number) => boolean): number {
  let before = fromMs - 1;
  let past = toMs;
  while (past - before > 1) {
    const middle = Math.floor((before + past) / 2);
    if (isPast(middle)) past = middle;
    else before = middle;
  }
  return past;
}
