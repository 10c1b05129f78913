import { SqlParams, type SqlValue } from '../../kernel/sql-params.js';
import { EVENT_TABLE } from '../../store/contract.js';
import type { FeatureContext } from './compile-features.js';
import { ANY_EVENT } from './feature.js';
import { MeasureSql } from './measure-sql.js';

/** Counts the own events from before a cutoff that were received at or after it, as `late`. */
export function compileLateEvents(context: FeatureContext): {
  sql: string;
  params: Record<string, SqlValue>;
} {
  const params = new SqlParams();
  const cutoff = params.bindTime(context.cutoff);
  const rows = [
    `project_id = ${params.bind(context.projectId, 'UInt32')}`,
    ...new MeasureSql(params, context, []).source({ event: ANY_EVENT }),
    `time < ${cutoff}`,
    `received_at >= ${cutoff}`,
  ];
  return {
    sql: `SELECT count() AS late FROM ${EVENT_TABLE} WHERE ${rows.join(' AND ')}`,
    params: params.values,
  };
}
