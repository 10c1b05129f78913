import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { ClickHouse, type QueryLimits } from '../../platform/clickhouse/clickhouse.js';
import { explainTooMuch } from '../../platform/clickhouse/query-error.js';
import { checkQueryTree, checkSyntaxTree, notOneSelect, SqlRefusal } from '../core/check-sql.js';
import type { CompiledSegment } from '../core/compile-segment.js';
import { compileSql, imitateSql } from '../core/compile-sql.js';
import type { SqlDefinition } from '../core/sql-definition.js';

const GIB = 1024 ** 3;
const CHECK_LIMITS = { timeoutMs: 5_000, maxMemoryBytes: GIB / 4, maxRowsToRead: 1_000 };
/** Held by the server whatever the statement says: with `readonly` it can change none of them. */
const SANDBOX = {
  readonly: '1',
  allow_ddl: 0,
  allow_introspection_functions: 0,
  max_threads: 4,
  max_ast_depth: '200',
  max_subquery_depth: '20',
  max_recursive_cte_evaluation_depth: '100',
  function_range_max_elements_in_block: '1000000',
  max_temporary_data_on_disk_size_for_query: String(10 * GIB),
};
/** Errors that come of the server's state; another try may do. Source: ClickHouse, src/Common/ErrorCodes.cpp. */
const OF_SERVER = new Set([
  'ABORTED',
  'QUERY_WAS_CANCELLED',
  'TOO_MANY_SIMULTANEOUS_QUERIES',
  'NETWORK_ERROR',
  'SOCKET_TIMEOUT',
  'NOT_ENOUGH_SPACE',
  'TABLE_IS_READ_ONLY',
  'LOGICAL_ERROR',
]);
const EXPLAIN_AST = 'EXPLAIN AST ';

/** Lets the SQL of a segment through, or says why not (docs/adr/0014-sql-segments.md). */
@Injectable()
export class SqlGuard {
  constructor(private readonly clickhouse: ClickHouse) {}

  /**
   * Checks a statement, and compiles it with the settings under which alone it may run.
   * @throws SqlRefusal
   */
  async compile(
    definition: SqlDefinition,
    context: { projectId: ProjectId; asOf: number; paramPrefix?: string },
  ): Promise<CompiledSegment> {
    const tables = await this.clickhouse.query<{ database: string; name: string; hasProject: number }>(
      `SELECT database, name, (database, name) IN (SELECT database, table FROM system.columns WHERE name = 'project_id') AS hasProject
       FROM system.tables WHERE database = currentDatabase()`,
    );
    const filters = tables.map(
      ({ database, name, hasProject }) =>
        `'${database}.${name}': '${hasProject ? `project_id = ${Number(context.projectId)}` : '0'}'`,
    );
    const settings = { ...SANDBOX, additional_table_filters: `{${filters.join(', ')}}` };
    await this.check(definition, new Set(tables.map(({ name }) => name)), { ...CHECK_LIMITS, settings });
    return { ...compileSql(definition, context), settings };
  }

  /** What the parser says comes first: only a statement that passes there is shown to the analyser, which may compute. */
  private async check(
    definition: SqlDefinition,
    realTables: ReadonlySet<string>,
    limits: QueryLimits,
  ): Promise<void> {
    const judged = async <T>(asking: Promise<T>, offset = 0): Promise<T> => {
      try {
        return await asking;
      } catch (error) {
        throw toRefusal(error, offset) ?? error;
      }
    };
    const parsed = this.clickhouse.ask(`${EXPLAIN_AST}${definition.sql}`, {}, limits);
    checkSyntaxTree(await judged(parsed, EXPLAIN_AST.length), realTables);
    const { sql, params } = imitateSql(definition);
    checkQueryTree(await judged(this.clickhouse.ask(`EXPLAIN QUERY TREE passes = 1 ${sql}`, params, limits)));
    const columns = await judged(
      this.clickhouse.query<{ name: string; type: string }>(`DESCRIBE (${sql})`, params, limits),
    );
    checkColumns(columns);
  }
}

/**
 * What to tell people about an error that ClickHouse found in a statement; null where it is none of the statement's.
 * @param offset characters that came before the statement
 */
export function toRefusal(error: unknown, offset = 0): SqlRefusal | null {
  if (explainTooMuch(error) !== null) return null;
  const { type, message } = error as { type?: unknown; message?: unknown };
  if (typeof type !== 'string' || typeof message !== 'string' || OF_SERVER.has(type)) return null;
  if (type === 'READONLY')
    return new SqlRefusal(
      'forbidden_clause',
      'A segment reads only: leave out SETTINGS and whatever writes.',
    );
  if (type === 'SYNTAX_ERROR' && /Multi-statements/.test(message)) return notOneSelect();
  if (type === 'UNKNOWN_QUERY_PARAMETER')
    return new SqlRefusal('invalid_sql', 'Write values out: there are no parameters in braces here.');
  return new SqlRefusal('invalid_sql', `ClickHouse cannot read it: ${shorten(message, offset)}`);
}

function shorten(message: string, offset: number): string {
  return message
    .replace(/ in scope .*$/s, '.')
    .replace(/\(version .*$/s, '')
    .replace(/: While .*$/s, '.')
    .replace(/\. Expected one of: .*$/s, '.')
    .replace(/at position (\d+)/, (_, position: string) => `at character ${Number(position) - offset}`)
    .trim()
    .slice(0, 500);
}

function checkColumns(columns: readonly { name: string; type: string }[]): void {
  const column = columns.find(({ name }) => name === 'user_id');
  if (!column) {
    const names = columns.map(({ name }) => name).join(', ');
    throw new SqlRefusal(
      'no_user_id',
      `The SELECT has no column user_id; it has ${names}: name one AS user_id.`,
    );
  }
  if (!/^(Nullable\()?UInt64\)?$/.test(column.type)) {
    throw new SqlRefusal(
      'no_user_id',
      `The column user_id is ${column.type}: it has to be the user_id of events or profiles, a UInt64.`,
    );
  }
}
