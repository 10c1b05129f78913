import { CHURN_SCORE_TABLE } from '../../churn/contract.js';
import { FEATURE_VALUE_TABLE } from '../../feature/contract.js';
import { meetsComparison } from '../../kernel/number-compare.js';
import type { SqlParams } from '../../kernel/sql-params.js';
import { type FeatureFilter, partOf, type ScoreFilter } from '../../kernel/value-filter.js';

/** Where values are read from: one finished snapshot or run. */
export interface ValueSource {
  /** Id of the snapshot or of the run. */
  id: string;
  attempt: number;
  /** Nothing at or after it is in any value, ms since 1970. */
  asOf: number;
  /** Of a feature, its place in the row of values, from 1; 0 where the snapshot does not have it. */
  place: number;
}

/**
 * Holds where a feature of the user, as the latest snapshot of the set up to the moment of the run has it, meets the
 * comparison. Who is not in that snapshot has no value, and meets none.
 */
export interface FeatureCondition extends FeatureFilter {
  /** Where the values are; null: nowhere. `putInSources` puts it in. */
  source?: ValueSource | null;
}
/** The same of what the latest finished run of a churn model up to that moment says. */
export interface ScoreCondition extends ScoreFilter {
  source?: ValueSource | null;
}
export type ValueCondition = FeatureCondition | ScoreCondition;

/** Values of one user, by `valueKey`; absent where there is none. */
export type UserValues = ReadonlyMap<string, number | null>;

export function isValueLeaf(leaf: object): leaf is ValueCondition {
  return 'feature' in leaf || 'score' in leaf;
}

/** The same for conditions that ask for the same value of the same source. */
export function valueKey(leaf: ValueCondition): string {
  const { source } = leaf;
  const what = 'feature' in leaf ? String(source?.place) : partOf(leaf);
  return `${source?.id ?? ''} ${what}`;
}

/** What a value condition comes to for one user. ClickHouse: `valueSql`. */
export function inspectValue(
  leaf: ValueCondition,
  values: UserValues | undefined,
): { holds: boolean; actual: number | null } {
  const actual = sourceOf(leaf) === null ? null : (values?.get(valueKey(leaf)) ?? null);
  return { holds: meetsComparison(actual, leaf.compare), actual };
}

const OPS = { at_least: '>=', at_most: '<=', equals: '=', more_than: '>', less_than: '<' } as const;

/**
 * Whether a person is among those whose value meets the comparison. Of persons who were merged since, the row of the one
 * who stays counts, else that of the lowest number.
 */
export function valueSql(leaf: ValueCondition, person: string, params: SqlParams): string {
  if (sourceOf(leaf) === null) return 'false';
  const { op, value } = leaf.compare;
  return `${person} IN (SELECT person FROM (${valuesSql(leaf, params)}) WHERE value ${OPS[op]} ${params.bind(value, 'Float64')})`;
}

/** Whether anybody may have a value. */
export function hasValues(leaf: ValueCondition): boolean {
  return sourceOf(leaf) !== null;
}

/** A query with the columns `person` and `value`, Nullable(Float64), one row a person. The source has to be there. */
export function valuesSql(leaf: ValueCondition, params: SqlParams): string {
  const source = sourceOf(leaf);
  if (source === null) throw new Error('There are no values to read.');
  const attempt = `attempt = ${params.bind(source.attempt, 'UInt16')}`;
  const id = params.bind(source.id, 'String');
  if ('feature' in leaf) {
    const place = params.bind(source.place, 'UInt16');
    const value = `argMin(values, (person != user_id, user_id))[${place}]`;
    return `SELECT person, ${value} AS value FROM ${FEATURE_VALUE_TABLE} WHERE snapshot_id = ${id} AND ${attempt} GROUP BY person`;
  }
  const rows = `FROM ${CHURN_SCORE_TABLE} WHERE run_id = ${id} AND ${attempt}`;
  const { inner, value } = scoreParts(partOf(leaf), rows, params);
  return `SELECT person, argMin(tuple(${value}), (person != user_id, user_id)).1 AS value ${inner} GROUP BY person`;
}

/** Tenths are of everyone in the run: 1 and a tenth of the users strictly below, in whole tenths. */
function scoreParts(part: string, rows: string, params: SqlParams): { inner: string; value: string } {
  if (part === 'score') return { inner: rows, value: 'toNullable(score)' };
  if (part === 'decile') {
    const ranked = `SELECT person, user_id, toFloat64(1 + intDiv(10 * (rank() OVER (ORDER BY score) - 1), count() OVER ())) AS decile ${rows}`;
    return { inner: `FROM (${ranked})`, value: 'toNullable(decile)' };
  }
  const name = params.bind(part, 'String');
  return { inner: rows, value: `if(mapContains(details, ${name}), details[${name}], NULL)` };
}

/** Null where nobody has a value: nothing is finished, or the snapshot does not have the feature. */
function sourceOf(leaf: ValueCondition): ValueSource | null {
  const { source } = leaf;
  if (source === undefined) throw new Error('Where the values are was not put in.');
  return 'feature' in leaf && source?.place === 0 ? null : source;
}
