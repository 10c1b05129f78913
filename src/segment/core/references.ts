import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { UserId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import { addDays, toLocalTime } from '../../kernel/local-date.js';
import { PROPERTY_NAME, STORABLE_TEXT } from '../../kernel/property-filter.js';
import type { PropertySql } from '../../kernel/property-sql.js';
import type { SqlParams } from '../../kernel/sql-params.js';
import { monthDaySql, readMonthDay } from './profile-moment.js';
import type { AsOf } from './resolve-window.js';

/** A bucket has two decimals: 10,000 of them are everyone. */
const BUCKETS = 10_000;
const PERCENT = z
  .number()
  .min(0)
  .max(100)
  .refine((value) => Number.isInteger(Math.round(value * 1e6) / 1e4), 'may have two decimals');
export const BUCKET_CONDITION = z.strictObject({
  bucket: z
    .strictObject({ salt: STORABLE_TEXT.min(1).max(200), from: PERCENT, to: PERCENT })
    .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be more than from' }),
});
/**
 * Holds for a share of all persons: those whose place between 0 and 100, which a hash of the salt and their number
 * gives, is at least `from` and less than `to`. The place stays for good; with another salt it is another one. Of persons
 * who turn out to be one, the one that stays decides.
 */
export interface BucketCondition {
  bucket: { salt: string; from: number; to: number };
}

const DAYS = z.number().int().min(-180).max(180);
export const ANNIVERSARY_CONDITION = z.strictObject({
  anniversary: z
    .strictObject({ property: PROPERTY_NAME, from: DAYS.optional(), to: DAYS.optional() })
    .refine(({ from = 0, to = 0 }) => from <= to, { path: ['to'], message: 'must not be less than from' }),
});
/**
 * Holds where the month and day of a profile property (`readMonthDay`) come round between so many days from today and so
 * many, both included; negative ones are past, and 0, the default of both, is today in the project's time zone. The year
 * does not matter. In years without a 29 February, such a day comes round on the 28th.
 */
export interface AnniversaryCondition {
  anniversary: { property: string; from?: number | undefined; to?: number | undefined };
}

/** Place of a person among 10,000. ClickHouse: `bucketSql`. */
export function bucketOf(salt: string, userId: UserId): number {
  const digest = createHash('md5').update(`${salt}:${userId}`).digest();
  return Number(digest.readBigUInt64BE(0) % BigInt(BUCKETS));
}

/** The first and, left out, the last of the 10,000 places. */
function placesOf({ from, to }: BucketCondition['bucket']): [number, number] {
  return [Math.round((from * BUCKETS) / 100), Math.round((to * BUCKETS) / 100)];
}

export function isInBucket({ bucket }: BucketCondition, userId: UserId): boolean {
  const place = bucketOf(bucket.salt, userId);
  const [from, to] = placesOf(bucket);
  return place >= from && place < to;
}

/** `halfMD5` of one text is the first 8 bytes of its MD5, big-endian. Source: ClickHouse, "Hash functions". */
export function bucketSql({ bucket }: BucketCondition, person: string, params: SqlParams): string {
  const [from, to] = placesOf(bucket);
  const place = `halfMD5(concat(${params.bind(`${bucket.salt}:`, 'String')}, toString(${person}))) % ${BUCKETS}`;
  return `(${place} >= ${params.bind(from, 'UInt16')} AND ${place} < ${params.bind(to, 'UInt16')})`;
}

/** The days that are looked for, as `MM-DD`. */
export function anniversaryDays({ anniversary }: AnniversaryCondition, { asOf, timeZone }: AsOf): string[] {
  const { from = 0, to = 0 } = anniversary;
  const today = toLocalTime(asOf, timeZone).slice(0, 10);
  return Array.from({ length: to - from + 1 }, (_, index) => addDays(today, from + index)).flatMap((date) => {
    const monthDay = date.slice(5);
    return monthDay === '02-28' && addDays(date, 1).endsWith('03-01') ? [monthDay, '02-29'] : [monthDay];
  });
}

export function isAnniversary(condition: AnniversaryCondition, profile: JsonObject, at: AsOf): boolean {
  const monthDay = readMonthDay(profile, condition.anniversary.property, at.timeZone);
  return monthDay !== null && anniversaryDays(condition, at).includes(monthDay);
}

export function anniversarySql(
  condition: AnniversaryCondition,
  context: { properties: PropertySql; params: SqlParams } & AsOf,
): string {
  const days = context.params.bind(anniversaryDays(condition, context), 'Array(String)');
  return `${monthDaySql(condition.anniversary.property, context)} IN ${days}`;
}
