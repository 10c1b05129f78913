import type { ProjectId } from '../../kernel/ids.js';
import { SqlParams } from '../../kernel/sql-params.js';
import { EVENT_TABLE, PROFILE_TABLE } from '../../store/contract.js';
import type { CompiledSegment } from './compile-segment.js';
import type { SqlDefinition } from './sql-definition.js';

const NO_PROPERTIES = `CAST('{}' AS JSON(max_dynamic_paths = 512))`;

/**
 * The query of a segment in SQL. Its tables are the project's events until the moment and its profiles; whoever is no
 * user of the project is left out.
 */
export function compileSql(
  { sql }: SqlDefinition,
  context: { projectId: ProjectId; asOf: number; paramPrefix?: string },
): CompiledSegment {
  const params = new SqlParams(context.paramPrefix);
  const project = params.bind(context.projectId, 'UInt32');
  const asOf = params.bindTime(context.asOf);
  const text = withTables(asOf, [
    `SELECT event, person AS user_id, time, received_at, distinct_id, properties FROM ${EVENT_TABLE} WHERE project_id = ${project} AND time <= ${asOf}`,
    `SELECT user_id, properties FROM ${PROFILE_TABLE} FINAL WHERE project_id = ${project}`,
  ]);
  return {
    sql: `${text}\nSELECT user_id AS person FROM profiles WHERE user_id IN (SELECT user_id FROM (\n${sql}\n))\nORDER BY person`,
    params: params.values,
  };
}

/** The statement over tables of the same columns that have no rows, to be looked at and never run. */
export function imitateSql({ sql }: SqlDefinition): CompiledSegment {
  const params = new SqlParams();
  const text = withTables(params.bindTime(0), [
    `SELECT toLowCardinality('') AS event, toUInt64(0) AS user_id, toDateTime64(0, 3, 'UTC') AS time, toDateTime64(0, 3, 'UTC') AS received_at, '' AS distinct_id, ${NO_PROPERTIES} AS properties WHERE 0`,
    `SELECT toUInt64(0) AS user_id, ${NO_PROPERTIES} AS properties WHERE 0`,
  ]);
  return { sql: `${text}\nSELECT * FROM (\n${sql}\n)`, params: params.values };
}

function withTables(asOf: string, [events, profiles]: [string, string]): string {
  return ['WITH', `  ${asOf} AS as_of,`, `  events AS (${events}),`, `  profiles AS (${profiles})`].join(
    '\n',
  );
}
