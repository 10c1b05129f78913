import fc from 'fast-check';
import type { JsonObject } from '../../src/kernel/json.js';
import { RowWriter } from '../../src/platform/clickhouse/row-writer.js';
import { startClickHouse, type TestClickHouse } from '../support/clickhouse.js';

const text = fc.string({ unit: 'binary', maxLength: 200 });
const value = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  fc.integer(),
  fc.boolean(),
  fc.array(text, { maxLength: 4 }),
);
const name = fc.stringMatching(/^[A-Za-z_$][A-Za-z0-9_$]{0,20}$/);
const row = fc.record({
  small: fc.nat({ max: 255 }),
  number: fc.maxSafeInteger(),
  float: fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  uuid: fc.uuid(),
  text,
  properties: fc.dictionary(name, value, { maxKeys: 20 }),
});
interface Row {
  small: number;
  number: number;
  float: number;
  uuid: string;
  text: string;
  properties: JsonObject;
}

describe('RowWriter', () => {
  let engine: TestClickHouse;

  beforeAll(async () => {
    engine = await startClickHouse();
    await engine.clickhouse.command(
      'CREATE TABLE written (place UInt32, small UInt8, number Int64, float Float64, uuid UUID, text String, properties JSON) ENGINE = MergeTree ORDER BY place',
    );
  });
  afterAll(() => engine.stop());

  it('writes what ClickHouse gives back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
        await engine.clickhouse.command('TRUNCATE TABLE written');
        await engine.clickhouse.insertRows(
          'written (place, small, number, float, uuid, text, properties)',
          write(rows),
        );
        expect(await read()).toEqual(rows.map((each) => ({ ...each, properties: sorted(each.properties) })));
      }),
      { numRuns: 60 },
    );
  });

  it('writes long texts and many of them', async () => {
    const long = { small: 1, number: 1, float: 0.5, uuid: '00000000-0000-4000-8000-000000000000' };
    const rows = Array.from({ length: 50 }, (_, i) => ({
      ...long,
      text: '漢'.repeat(i * 1_000),
      properties: { a: 'x'.repeat(i * 2_000), b: new Array(i).fill('é'.repeat(i)) },
    }));
    await engine.clickhouse.command('TRUNCATE TABLE written');
    await engine.clickhouse.insertRows(
      'written (place, small, number, float, uuid, text, properties)',
      write(rows),
    );
    expect(await read()).toEqual(rows.map((each) => ({ ...each, properties: sorted(each.properties) })));
  });

  function read(): Promise<Row[]> {
    return engine.clickhouse.query<Row>(
      'SELECT small, number, float, uuid, text, properties FROM written ORDER BY place',
    );
  }
});

function write(rows: readonly Row[]): RowWriter {
  const writer = new RowWriter();
  rows.forEach((each, place) => {
    writer.uint32(place);
    writer.uint8(each.small);
    writer.int64(each.number);
    writer.float64(each.float);
    writer.uuid(each.uuid.replaceAll('-', ''));
    writer.text(each.text);
    writer.json(each.properties);
  });
  return writer;
}

/** ClickHouse leaves out what is absent and empty lists stay; the order of names is its own. */
function sorted(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)));
}
