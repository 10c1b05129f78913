/** Local times of day between which messages may go, such as 09:00 to 21:00; `from` after `to` spans midnight. */
export interface SendWindow {
  /** HH:MM, included. */
  from: string;
  /** HH:MM, not included. */
  to: string;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/**
 * Moves a moment that is outside the window to the window's next opening.
 * @param atMs ms since 1970
 * @param zone IANA name of the zone in which the window is meant
 * @returns `atMs` itself where it is inside; an opening that a clock change skips comes an hour later
 */
export function moveIntoWindow(atMs: number, window: SendWindow | null, zone: string): number {
  if (window === null) return atMs;
  const from = toMinutes(window.from);
  const to = toMinutes(window.to);
  const local = toLocalMs(atMs, zone);
  const minuteOfDay = Math.floor(modulo(local / MINUTE_MS, DAY_MINUTES));
  if (isInside(minuteOfDay, from, to)) return atMs;
  const startOfDay = local - modulo(local, DAY_MINUTES * MINUTE_MS);
  const opening = startOfDay + (from + (minuteOfDay < from ? 0 : DAY_MINUTES)) * MINUTE_MS;
  return Math.max(atMs, fromLocalMs(opening, zone));
}

function isInside(minute: number, from: number, to: number): boolean {
  if (from === to) return true;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function toMinutes(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The wall clock of a zone, written as if it were UTC. */
function toLocalMs(atMs: number, zone: string): number {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of formatter.formatToParts(atMs)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) + modulo(atMs, 1000);
}

/** The moment at which a zone's wall clock shows this time. */
function fromLocalMs(localMs: number, zone: string): number {
  // Twice: the offset at the first guess may be that of the other side of a clock change.
  let guess = localMs - (toLocalMs(localMs, zone) - localMs);
  guess = localMs - (toLocalMs(guess, zone) - guess);
  const shown = toLocalMs(guess, zone);
  return shown < localMs ? guess + (localMs - shown) : guess;
}
