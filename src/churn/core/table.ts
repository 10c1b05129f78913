import type { SqlValue } from '../../kernel/sql-params.js';

/** A query whose first column is the person (UInt64), and whose others are numbers (Float64), named in `columns`. */
export interface TableSql {
  sql: string;
  params: Record<string, SqlValue>;
  columns: readonly string[];
}

/** What such a query found. */
export interface UserTable {
  users: BigUint64Array;
  columns: ReadonlyMap<string, Float64Array>;
}

const NUMBER_BYTES = 8;

/**
 * Reads the rows of a `TableSql` from ClickHouse's RowBinary format, in which all its values have 8 bytes.
 * @param chunks the bytes as they came; a row may begin in one and end in another
 */
export function readTable(chunks: readonly Uint8Array[], columns: readonly string[]): UserTable {
  const bytes = Buffer.concat(chunks);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rowBytes = (columns.length + 1) * NUMBER_BYTES;
  const size = bytes.byteLength / rowBytes;
  if (!Number.isInteger(size)) throw new Error('The table ends within a row.');
  const users = new BigUint64Array(size);
  const read = columns.map(() => new Float64Array(size));
  for (let row = 0; row < size; row++) {
    const start = row * rowBytes;
    users[row] = view.getBigUint64(start, true);
    for (let column = 0; column < read.length; column++)
      (read[column] as Float64Array)[row] = view.getFloat64(start + (column + 1) * NUMBER_BYTES, true);
  }
  return { users, columns: new Map(columns.map((name, i) => [name, read[i] as Float64Array])) };
}

/** @throws where the table has no such column */
export function columnOf(table: UserTable, name: string): Float64Array {
  const column = table.columns.get(name);
  if (!column) throw new Error(`The table has no column ${name}.`);
  return column;
}
