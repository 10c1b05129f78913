import type { ProjectId } from '../../kernel/ids.js';
import { SqlParams } from '../../kernel/sql-params.js';
import { EVENT_TABLE } from '../../store/contract.js';
import { type ActivitySql, localDay, writeActivity } from './activity-sql.js';
import type { LogisticDefinition } from './definition.js';
import type { TableSql } from './table.js';

const DAY_MS = 86_400_000;
const WINDOWS_DAYS = [7, 30, 90] as const;

/** Column of the label: 1 where the user did not come back. The last one, behind the features. */
export const LABEL = 'churned';

export interface FeatureQuery {
  projectId: ProjectId;
  timeZone: string;
  /** No feature sees anything at or after it; ms since 1970. */
  cutoff: number;
  /** Whether the label is asked for: the days after the cutoff have to be over. */
  isLabelled: boolean;
}

/**
 * One row for every person with activity in the days before the cutoff: what is known of them at the cutoff, and
 * whether they came back after it.
 *
 * The rows are in order, so that the same users give the same fit to the last digit.
 * Features and label are read apart, each behind its own bound on time, so that nothing later can get into a feature.
 */
export function featureSql(definition: LogisticDefinition, query: FeatureQuery): TableSql {
  const params = new SqlParams();
  const activity = writeActivity(definition.activity, query.projectId, params);
  const cutoff = params.bindTime(query.cutoff);
  const features = writeFeatures(definition, query, params);
  const names = Object.keys(features);
  const label = query.isLabelled
    ? [writeLabel(activity, cutoff, params.bindTime(query.cutoff + definition.churnDays * DAY_MS))]
    : [];
  const sql = `SELECT ${['person', ...names.map((name) => `toFloat64(${name})`), ...label].join(', ')}
FROM (
  SELECT person, ${names.map((name) => `${features[name]} AS ${name}`).join(',\n    ')}
  FROM ${EVENT_TABLE}
  WHERE ${activity.own} AND time < ${cutoff}
  GROUP BY person
  HAVING maxIf(time, ${activity.matches}) >= ${params.bindTime(query.cutoff - definition.lookbackDays * DAY_MS)}
)
ORDER BY person`;
  return { sql, params: params.values, columns: [...names, ...(query.isLabelled ? [LABEL] : [])] };
}

/** 1 for persons without activity from the cutoff until the end of the label's window. */
function writeLabel(activity: ActivitySql, cutoff: string, until: string): string {
  return `toFloat64(person NOT IN (
    SELECT person FROM ${EVENT_TABLE} WHERE ${activity.rows} AND time >= ${cutoff} AND time < ${until}
  ))`;
}

/** Aggregates over the rows of one person before the cutoff, by the name of the feature. */
function writeFeatures(
  { activity }: LogisticDefinition,
  { projectId, timeZone, cutoff }: FeatureQuery,
  params: SqlParams,
): Record<string, string> {
  const { matches, value } = writeActivity(activity, projectId, params);
  const day = localDay('time', timeZone, params);
  const daysBefore = (moment: string) =>
    `(toUnixTimestamp64Milli(${params.bindTime(cutoff)}) - toUnixTimestamp64Milli(${moment})) / ${DAY_MS}`;
  const since = (days: number) => `time >= ${params.bindTime(cutoff - days * DAY_MS)}`;
  return {
    days_since_last: daysBefore(`maxIf(time, ${matches})`),
    days_since_first: daysBefore(`minIf(time, ${matches})`),
    frequency: `countIf(${matches})`,
    active_days: `uniqExactIf(${day}, ${matches})`,
    span_days: `maxIf(${day}, ${matches}) - minIf(${day}, ${matches})`,
    ...Object.fromEntries(
      WINDOWS_DAYS.flatMap((days) => [
        [`events_${days}d`, `countIf(${since(days)})`],
        [`distinct_events_${days}d`, `uniqExactIf(event, ${since(days)})`],
      ]),
    ),
    ...(activity.valueProperty === undefined
      ? {}
      : {
          spend: `sumIf(${value}, ${matches})`,
          spend_90d: `sumIf(${value}, ${matches} AND ${since(90)})`,
        }),
  };
}
