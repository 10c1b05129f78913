import { FEATURE_VALUE_TABLE, type SnapshotRef } from '../../feature/contract.js';
import { SqlParams, type SqlValue } from '../../kernel/sql-params.js';

/** The feature that ranks users without any model. */
export const BASELINE_FEATURE = 'days_since_last_event';

/** Features that a model asks for and a snapshot does not have. */
export function missingFeatures(asked: readonly string[], snapshot: SnapshotRef): string[] {
  return asked.filter((name) => !snapshot.features.includes(name));
}

/**
 * The users of a snapshot with the features that are asked for, as `readMatrix` reads them.
 * @param known what stands behind the features where the outcome is asked for too: the days since the last activity
 *   (NaN where the set does not have them), and the label
 */
export function snapshotSql(
  asked: readonly string[],
  snapshot: SnapshotRef,
  known: { label: { sql: string; params: Record<string, SqlValue> } } | null = null,
): { sql: string; params: Record<string, SqlValue> } {
  const params = new SqlParams('row_');
  const columnOf = (name: string) => {
    const place = snapshot.features.indexOf(name) + 1;
    return place === 0 ? 'nan' : `ifNull(values[${params.bind(place, 'UInt16')}], nan)`;
  };
  const columns = ['user_id', ...asked.map(columnOf)];
  if (known) columns.push(columnOf(BASELINE_FEATURE), `toFloat64(${known.label.sql})`);
  const rows = [
    `snapshot_id = ${params.bind(snapshot.snapshotId, 'String')}`,
    `attempt = ${params.bind(snapshot.attempt, 'UInt16')}`,
  ];
  return {
    sql: `SELECT ${columns.join(', ')} FROM ${FEATURE_VALUE_TABLE} WHERE ${rows.join(' AND ')} ORDER BY user_id`,
    params: { ...params.values, ...known?.label.params },
  };
}
