import type { ProjectId } from '../../kernel/ids.js';
import { SqlParams } from '../../kernel/sql-params.js';
import { EVENT_TABLE } from '../../store/contract.js';
import { type ActivitySql, localDay, writeActivity } from './activity-sql.js';
import type { Activity } from './definition.js';
import type { TableSql } from './table.js';

/** Columns of a table of customers, in this order. */
export const CUSTOMER_COLUMNS = [
  'activeDays',
  'spanDays',
  'seenDays',
  'total',
  'repeatMean',
  'laterDays',
] as const;

export interface CustomerQuery {
  projectId: ProjectId;
  timeZone: string;
  /** Nothing at or after it is looked at, except for `laterDays`; ms since 1970. */
  cutoff: number;
  /** Until when active days after the cutoff are counted; the cutoff itself: not at all. */
  laterUntil: number;
}

/**
 * One row for every person with activity before the cutoff, in order, so that the same customers give the same fit.
 *
 * Activity on one local day counts once, as the paper counts the purchases at CDNOW: a day is active or not.
 * - activeDays: active days; repeat purchases are one less
 * - spanDays: days from the first active day to the last; seenDays: to the day of the last moment before the cutoff
 * - total: value of all; repeatMean: mean value of the active days after the first, NaN where there is none
 * - laterDays: active days from the cutoff until `laterUntil`; no other column sees them
 */
export function customerSql(activity: Activity, query: CustomerQuery): TableSql {
  const params = new SqlParams();
  const written = writeActivity(activity, query.projectId, params);
  const day = localDay('time', query.timeZone, params);
  const lastDay = localDay(params.bindTime(query.cutoff - 1), query.timeZone, params);
  const sql = `SELECT person, toFloat64(active_days), toFloat64(last_day - first_day), toFloat64(${lastDay} - first_day),
  toFloat64(total), if(active_days > 1, (total - first_value) / (active_days - 1), nan), toFloat64(later_days)
FROM (
  SELECT person, count() AS active_days, min(day) AS first_day, max(day) AS last_day,
    sum(value) AS total, argMin(value, day) AS first_value
  FROM (
    SELECT person, ${day} AS day, sum(${written.value}) AS value
    FROM ${EVENT_TABLE}
    WHERE ${written.rows} AND time < ${params.bindTime(query.cutoff)}
    GROUP BY person, day
  )
  GROUP BY person
) AS seen
LEFT JOIN (
${laterSql(written, day, query, params)}
) AS later ON later.person = seen.person
ORDER BY seen.person`;
  return { sql, params: params.values, columns: CUSTOMER_COLUMNS };
}

function laterSql(written: ActivitySql, day: string, query: CustomerQuery, params: SqlParams): string {
  return `  SELECT person, uniqExact(${day}) AS later_days
  FROM ${EVENT_TABLE}
  WHERE ${written.rows} AND time >= ${params.bindTime(query.cutoff)} AND time < ${params.bindTime(query.laterUntil)}
  GROUP BY person`;
}
