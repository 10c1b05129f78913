import { columnOf, readTable } from './table.js';

function toBytes(rows: [user: bigint, ...numbers: number[]][]): Buffer {
  return Buffer.concat(
    rows.map(([user, ...numbers]) => {
      const row = Buffer.alloc(8 * (numbers.length + 1));
      row.writeBigUInt64LE(user);
      numbers.forEach((value, i) => {
        row.writeDoubleLE(value, 8 * (i + 1));
      });
      return row;
    }),
  );
}

describe('A table of users', () => {
  const bytes = toBytes([
    [1n, 0.5, Number.NaN],
    [2n ** 53n - 1n, -3, 7],
  ]);

  it('is read from bytes that come in pieces of any size', () => {
    const pieces = [bytes.subarray(0, 5), bytes.subarray(5, 30), bytes.subarray(30)];
    const table = readTable(pieces, ['a', 'b']);
    expect([...table.users]).toEqual([1n, 2n ** 53n - 1n]);
    expect([...columnOf(table, 'a')]).toEqual([0.5, -3]);
    expect([...columnOf(table, 'b')]).toEqual([Number.NaN, 7]);
  });

  it('may be empty, but not end within a row', () => {
    expect(readTable([], ['a']).users).toHaveLength(0);
    expect(() => readTable([bytes.subarray(0, 20)], ['a', 'b'])).toThrow('within a row');
    expect(() => columnOf(readTable([], ['a']), 'b')).toThrow('no column b');
  });
});
