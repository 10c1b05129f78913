import type { SqlValue } from '../../kernel/sql-params.js';
import { EVENT_TABLE, PROFILE_TABLE } from '../../store/contract.js';

/** Rows that a query would read of a table. */
export interface TableRows {
  table: string;
  rows: number;
}

/** What a run would cost, known without running it. */
export interface Forecast {
  rows: number;
  bytes: number;
  tables: TableRows[];
}

/** Light runs never wait for heavy ones. */
export const LANES = ['light', 'heavy'] as const;
export type Lane = (typeof LANES)[number];

/** What one run may take. */
export interface RunLimits {
  maxRows: number;
  maxMembers: number;
  /** Whose limit each of them is. */
  source: { maxRows: LimitSource; maxMembers: LimitSource };
}
export type LimitSource = 'project' | 'installation';

/** Limits of a project; null: only those of the installation hold. */
export interface ProjectLimits {
  maxRows: number | null;
  maxMembers: number | null;
}

/** Bytes of a row by table, in memory, without properties: the columns that a query of a segment reads. */
const ROW_BYTES: Record<string, number> = { [EVENT_TABLE]: 21, [PROFILE_TABLE]: 21 };
const OTHER_ROW_BYTES = 16;
/** What a text or number out of the properties takes on average. */
const PROPERTY_BYTES = 24;

/**
 * Reads what `EXPLAIN ESTIMATE` answers: lines of database, table, parts, rows and marks, a table once for each read of it.
 * @returns each table once, most rows first
 */
export function readEstimate(text: string): TableRows[] {
  const rowsOf = new Map<string, number>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, table = '', , rows = '0'] = line.split('\t');
    rowsOf.set(table, (rowsOf.get(table) ?? 0) + Number(rows));
  }
  return [...rowsOf]
    .map(([table, rows]) => ({ table, rows }))
    .sort((a, b) => b.rows - a.rows || (a.table < b.table ? -1 : 1));
}

/** Rows as ClickHouse estimates them, and bytes by what the query reads of each row. */
export function toForecast(
  tables: readonly TableRows[],
  params: Readonly<Record<string, SqlValue>>,
): Forecast {
  const properties = Object.values(params).filter(
    (value) => typeof value === 'string' && value.startsWith('properties.'),
  ).length;
  const bytesOf = ({ table, rows }: TableRows) => {
    const fixed = ROW_BYTES[table];
    return rows * (fixed === undefined ? OTHER_ROW_BYTES : fixed + properties * PROPERTY_BYTES);
  };
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    rows: sum(tables.map(({ rows }) => rows)),
    bytes: sum(tables.map(bytesOf)),
    tables: [...tables],
  };
}

export function laneOf({ rows }: Forecast, heavyRows: number): Lane {
  return rows >= heavyRows ? 'heavy' : 'light';
}

/** The lower limit holds. */
export function limitsOf(
  installation: { maxRows: number; maxMembers: number },
  project: ProjectLimits,
): RunLimits {
  const choose = (own: number | null, all: number): [number, LimitSource] =>
    own !== null && own < all ? [own, 'project'] : [all, 'installation'];
  const [maxRows, rowsFrom] = choose(project.maxRows, installation.maxRows);
  const [maxMembers, membersFrom] = choose(project.maxMembers, installation.maxMembers);
  return { maxRows, maxMembers, source: { maxRows: rowsFrom, maxMembers: membersFrom } };
}

/** What to tell people where a run would read too much; null where it may run. */
export function explainTooManyRows({ rows }: Forecast, limits: RunLimits): string | null {
  return rows <= limits.maxRows ? null : `It would read about ${rows} rows; ${rowLimitText(limits)}`;
}

/** Which limit on rows there is, and what to change. */
export function rowLimitText({ maxRows, source }: RunLimits): string {
  return `${limitName('maxRows', 'SEGMENT_MAX_ROWS', source.maxRows)} is ${maxRows}. Shorten the windows, name fewer events, or have the limit raised.`;
}

/** What to tell people of a run that found too many members. */
export function memberLimitText({ maxMembers, source }: RunLimits): string {
  return `It has more members than a run may have; ${limitName('maxMembers', 'SEGMENT_MAX_MEMBERS', source.maxMembers)} is ${maxMembers}. Ask for fewer users, or have the limit raised.`;
}

function limitName(name: string, setting: string, source: LimitSource): string {
  return source === 'project' ? `the project's limit ${name}` : `the installation's limit ${setting}`;
}
