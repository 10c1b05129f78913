import type { JsonObject } from '../../kernel/json.js';
import { isLocalDate, toLocalTime, zoneOffset } from '../../kernel/local-date.js';
import { readProperty } from '../../kernel/property-filter.js';
import type { PropertySql } from '../../kernel/property-sql.js';
import type { SqlParams } from '../../kernel/sql-params.js';

const DAY_MS = 86_400_000;
/** 2100-01-01; what is later is no moment that anybody meant. */
const END_MS = 4_102_444_800_000;
const DAY = String.raw`(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`;
const CLOCK = String.raw`[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?`;
const OFFSET = String.raw`(Z|[+-](0\d|1[0-3]):[0-5]\d)`;
/** A date, or a date and time, of any year, without an offset. */
const LOCAL = String.raw`^\d{4}-${DAY}(${CLOCK})?$`;
const MOMENT = String.raw`^(19[789]|20\d)\d-${DAY}(${CLOCK}${OFFSET}?)?$`;

/**
 * The moment that a profile property tells, ms since 1970; null where it tells none.
 * A number is ms since 1970. A text is a date, or a date and time, in the project's time zone, or one with its offset
 * (`2026-03-01`, `2026-03-01 08:00:00.250`, `2026-03-01T08:00:00Z`). Years are 1970 to 2099.
 * Of a local time that comes twice it is the first one; one that the clocks skip is read with the clock after the skip.
 */
export function readMoment(profile: JsonObject, property: string, timeZone: string): number | null {
  const value = readProperty(profile, property);
  if (typeof value === 'number') return value >= 0 && value < END_MS ? Math.floor(value) : null;
  if (typeof value !== 'string' || !new RegExp(MOMENT).test(value) || !isLocalDate(value.slice(0, 10)))
    return null;
  return new RegExp(LOCAL).test(value) ? fromWallClock(value, timeZone) : Date.parse(value.replace(' ', 'T'));
}

/** `readMoment` in ClickHouse: ms since 1970 as Nullable(Int64). */
export function momentSql(
  property: string,
  { properties, params, timeZone }: { properties: PropertySql; params: SqlParams; timeZone: string },
): string {
  const number = properties.number(property);
  const text = `ifNull(${properties.text(property)}, '')`;
  const parsed = `toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(${text}, 3, ${params.bind(timeZone, 'String')}))`;
  const inRange = `${number} >= 0 AND ${number} < ${params.bind(END_MS, 'Int64')}`;
  return `if(isNotNull(${number}), if(${inRange}, toInt64(floor(${number})), NULL), if(match(${text}, ${params.bind(MOMENT, 'String')}), ${parsed}, NULL))`;
}

/**
 * Month and day that a profile property tells, as `MM-DD`; null where it tells none. A text without an offset names its
 * own day, of any year; everything else is the day of its moment in the project's time zone.
 */
export function readMonthDay(profile: JsonObject, property: string, timeZone: string): string | null {
  const value = readProperty(profile, property);
  if (typeof value === 'string' && new RegExp(LOCAL).test(value)) return value.slice(5, 10);
  const moment = readMoment(profile, property, timeZone);
  return moment === null ? null : toLocalTime(moment, timeZone).slice(5, 10);
}

/** `readMonthDay` in ClickHouse: an empty text where the property tells no day. */
export function monthDaySql(
  property: string,
  context: { properties: PropertySql; params: SqlParams; timeZone: string },
): string {
  const { properties, params, timeZone } = context;
  const text = `ifNull(${properties.text(property)}, '')`;
  const moment = `fromUnixTimestamp64Milli(${momentSql(property, context)}, ${params.bind(timeZone, 'String')})`;
  return `if(match(${text}, ${params.bind(LOCAL, 'String')}), substring(${text}, 6, 5), ifNull(formatDateTime(${moment}, '%m-%d'), ''))`;
}

function fromWallClock(text: string, timeZone: string): number {
  const wallMs = Date.parse(`${text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T')}Z`);
  const zone = zoneOffset(timeZone);
  const candidates = [zone(wallMs - DAY_MS), zone(wallMs + DAY_MS)]
    .map((offsetMs) => wallMs - offsetMs)
    .sort((a, b) => a - b);
  return candidates.find((atMs) => atMs + zone(atMs) === wallMs) ?? candidates[0] ?? wallMs;
}
