import { HelperError } from './helper-error.js';
import { cachedFormatter } from './intl-cache.js';

export interface DateFormat {
  style: string;
  /** Style of the time of day; null shows the date only. */
  time: string | null;
  /** IANA name. */
  zone: string;
  locale: string;
}

const STYLES = ['short', 'medium', 'long', 'full'] as const;
type Style = (typeof STYLES)[number];

/** A date, or a date and time, that says nothing about its zone: it is shown as it stands. */
const WALL_CLOCK = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * Shows a moment in a zone.
 * @param value milliseconds since 1970, or ISO 8601 text; text without an offset is a wall clock and is not converted
 * @throws HelperError for a value that is no moment, and for an unknown style, zone or locale
 */
export function formatDate(value: unknown, format: DateFormat): string {
  const isWallClock = typeof value === 'string' && WALL_CLOCK.test(value);
  const moment = toMoment(value, isWallClock);
  const zone = isWallClock ? 'UTC' : format.zone;
  const style = toStyle(format.style);
  const time = format.time === null ? undefined : toStyle(format.time);
  const formatter = cachedFormatter(
    formatters,
    [style, time, zone, format.locale],
    () =>
      new Intl.DateTimeFormat(format.locale, {
        dateStyle: style,
        ...(time === undefined ? {} : { timeStyle: time }),
        timeZone: zone,
      }),
  );
  return formatter.format(moment);
}

function toMoment(value: unknown, isWallClock: boolean): Date {
  const moment = new Date(Number.NaN);
  if (typeof value === 'number') moment.setTime(value);
  else if (isWallClock) moment.setTime(Date.parse(toUtcText(String(value))));
  else if (typeof value === 'string' && INSTANT.test(value)) moment.setTime(Date.parse(value));
  if (Number.isNaN(moment.getTime())) {
    throw new HelperError('formatDate needs milliseconds since 1970 or ISO 8601 text.');
  }
  return moment;
}

function toUtcText(wallClock: string): string {
  return wallClock.length === 10 ? wallClock : `${wallClock.replace(' ', 'T')}Z`;
}

function toStyle(text: string): Style {
  const style = STYLES.find((known) => known === text);
  if (!style) throw new HelperError(`formatDate knows the styles ${STYLES.join(', ')}, not ${text}.`);
  return style;
}
