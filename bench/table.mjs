import { Readable } from 'node:stream';
import { RowWriter } from '../dist/src/platform/clickhouse/row-writer.js';
import { connectClickHouse } from './support/clickhouse.mjs';
import { makeRecord, random } from './support/events.mjs';
import { median, report, timed } from './support/report.mjs';
import { startService } from './support/service.mjs';

const NARROW = `project_id UInt32, event LowCardinality(String), user_id UInt64, time DateTime64(3, 'UTC') CODEC(T64, LZ4)`;
const BY_USER = 'project_id, event, user_id, time';
const MONTH = 'toYYYYMM(time)';

/** Orders and partitions, over the columns that every question reads. The first is the table's. */
const ORDERS = {
  'event-user-time, month': [BY_USER, MONTH],
  'event-day-user, month': ['project_id, event, toDate(time), user_id, time', MONTH],
  'event-time, month': ['project_id, event, time', MONTH],
  'event-user-time, day': [BY_USER, 'toYYYYMMDD(time)'],
  'event-user-time, none': [BY_USER, 'tuple()'],
};

const JSON_COLUMN = 'properties JSON(max_dynamic_paths = 512) CODEC(LZ4)';
const MAP_COLUMNS =
  'texts Map(LowCardinality(String), String) CODEC(LZ4), numbers Map(LowCardinality(String), Float64) CODEC(LZ4)';
/** Ways to keep 12 properties. The first is the table's. */
const SHAPES = {
  json: [JSON_COLUMN, ''],
  maps: [MAP_COLUMNS, ''],
  'maps in buckets': [
    MAP_COLUMNS,
    ", map_serialization_version = 'with_buckets', map_buckets_min_avg_size = 1",
  ],
};

const WHERE = `FROM {table:Identifier} WHERE project_id = 1`;
const ORDER_QUESTIONS = {
  'day count ms': `SELECT count() ${WHERE} AND event = 'ViewProduct' AND time >= '2026-05-20' AND time < '2026-05-21'`,
  'week uniques ms': `SELECT uniqExact(user_id) ${WHERE} AND event = 'ViewProduct' AND time >= '2026-05-20' AND time < '2026-05-27'`,
  'month uniques ms': `SELECT uniqExact(user_id) ${WHERE} AND event = 'ViewProduct'`,
  'segment ms': `SELECT count() FROM (SELECT user_id ${WHERE} GROUP BY user_id
    HAVING countIf(event = 'PayOrder') >= 2 AND countIf(time >= '2026-05-24') = 0)`,
  'segment of a week ms': `SELECT count() FROM (SELECT user_id ${WHERE} AND event IN ('PayOrder', 'AddToCart') AND time >= '2026-05-24'
    GROUP BY user_id HAVING countIf(event = 'PayOrder') >= 2)`,
  'last 50 of a user ms': `SELECT event, time ${WHERE} AND user_id = 12345 ORDER BY time DESC LIMIT 50`,
};
const shapeQuestions = (isJson) => {
  const os = isJson ? "dynamicElement(properties.$os, 'String')" : "texts['$os']";
  const price = isJson ? "dynamicElement(properties.price, 'Float64')" : "numbers['price']";
  const product = isJson ? "dynamicElement(properties.product_id, 'String')" : "texts['product_id']";
  return {
    'sum by property ms': `SELECT ${os} AS os, sum(${price}) ${WHERE} GROUP BY os`,
    'filter by property ms': `SELECT uniqExact(user_id) ${WHERE} AND ${product} = 'P77'`,
    'sum per user ms': `SELECT count() FROM (SELECT user_id ${WHERE} GROUP BY user_id HAVING sum(${price}) > 5000)`,
  };
};

/**
 * What the order of the event table, its partitions and the way it keeps properties cost: to write, on disk, and to
 * ask. Questions on the order read narrow tables, those on properties wide ones.
 */
export async function run({ runs = 5, events = 20_000_000, users = 400_000 }) {
  const service = await startService();
  const clickhouse = connectClickHouse(service);
  const bench = { clickhouse, runs, events, users };
  const rows = [];
  for (const [name, [order, partition]] of Object.entries(ORDERS)) {
    await command(
      bench,
      `CREATE TABLE shape (${NARROW}) ENGINE = MergeTree PARTITION BY ${partition} ORDER BY (${order})`,
    );
    await fillInPieces(bench, NARROW_FILL);
    rows.push({ table: name, events, ...(await measure(bench, ORDER_QUESTIONS)) });
  }
  await report('table-order', rows);
  rows.length = 0;
  await command(bench, SEED);
  for (const [name, [columns, settings]] of Object.entries(SHAPES)) {
    const isJson = columns === JSON_COLUMN;
    await command(
      bench,
      `CREATE TABLE shape (${NARROW}, ${columns}) ENGINE = MergeTree PARTITION BY ${MONTH} ORDER BY (${BY_USER}) SETTINGS non_replicated_deduplication_window = 0${settings}`,
    );
    const insertMs = median(await timeInserts(clickhouse, isJson));
    await command(bench, 'TRUNCATE TABLE shape');
    await fillInPieces(bench, WIDE_FILL(isJson ? 'properties' : AS_MAPS));
    rows.push({
      table: name,
      events,
      'insert of 7,000 ms': Math.round(insertMs),
      ...(await measure(bench, shapeQuestions(isJson))),
    });
  }
  await report('table-properties', rows);
  await clickhouse.close();
  await service.stop();
  await service.remove();
}

const SETTINGS = { max_insert_block_size: '500000', input_format_try_infer_integers: 0 };
const command = ({ clickhouse }, query, query_params = {}) =>
  clickhouse.command({ query, query_params, clickhouse_settings: SETTINGS });

async function fillInPieces({ events, users, ...bench }, fill) {
  for (let filled = 0; filled < events; filled += PIECE) {
    await command(bench, fill, { users, salt: filled, count: Math.min(PIECE, events - filled) });
  }
  await command(bench, 'OPTIMIZE TABLE shape FINAL');
}

async function measure({ clickhouse, runs, events }, questions) {
  const figures = { 'bytes per event': await bytesPerEvent(clickhouse, events) };
  for (const [question, query] of Object.entries(questions)) {
    const times = [];
    for (let i = 0; i <= runs; i++) {
      const { ms } = await timed(async () =>
        (await clickhouse.query({ query, query_params: { table: 'shape' }, format: 'JSONEachRow' })).json(),
      );
      // The first run warms the files up.
      if (i > 0) times.push(ms);
    }
    figures[question] = Math.round(median(times));
  }
  await command({ clickhouse }, 'DROP TABLE shape SYNC');
  return figures;
}

const PIECE = 1_000_000;
/** May 2026, six events with a skew, users with a skew. Made inside ClickHouse, by numbers only. */
const ROW = `1, ['ViewProduct', 'AddToCart', 'PayOrder', '$pageview', '$AppStart', 'Search'][
    multiIf(h1 % 100 < 40, 1, h1 % 100 < 50, 2, h1 % 100 < 53, 3, h1 % 100 < 85, 4, h1 % 100 < 93, 5, 6)],
  1 + toUInt64(pow((h2 % 1000000) / 1000000, 3) * {users:UInt32}),
  toDateTime64('2026-05-01', 3, 'UTC') + toIntervalMillisecond(h3 % 2592000000)`;
const HASHES = `cityHash64(place, {salt:UInt64}, 1) AS h1, cityHash64(place, {salt:UInt64}, 2) AS h2,
  cityHash64(place, {salt:UInt64}, 3) AS h3`;
const NARROW_FILL = `INSERT INTO shape SELECT ${ROW} FROM (SELECT number AS place, ${HASHES} FROM numbers({count:UInt64}))`;
const WIDE_FILL = (columns) =>
  `INSERT INTO shape SELECT ${ROW}, ${columns} FROM (SELECT properties, ${HASHES} FROM seed LIMIT {count:UInt64})`;

/** Properties of a million events; JSON text is dear to read, so these are read once and used again and again. */
const SEED = `CREATE TABLE seed ENGINE = MergeTree ORDER BY tuple() AS
  SELECT number AS place, concat('{"$os":"', if(number % 3 = 0, 'iOS', 'Android'), '","$os_version":"', toString(10 + number % 7),
      '","$model":"Phone ', toString(number % 40), '","$app_version":"5.12.0","$network_type":"WIFI","$screen_width":1080,"$is_first_day":false',
      ',"$url":"https://shop.example.com/product/', toString(number % 2000), '","product_id":"P', toString(number % 2000),
      '","category":"category-', toString(number % 25), '","price":', toString(number % 500), ',"quantity":', toString(1 + number % 3),
      '}')::JSON(max_dynamic_paths = 512) AS properties
  FROM numbers(${PIECE})`;

const TEXTS = [
  '$os',
  '$os_version',
  '$model',
  '$app_version',
  '$network_type',
  '$url',
  'product_id',
  'category',
];
const NUMBERS = ['$screen_width', 'price', 'quantity'];
const AS_MAPS = `map(${TEXTS.map((name) => `'${name}', ifNull(dynamicElement(properties.${name}, 'String'), '')`).join(', ')}) AS texts,
map(${NUMBERS.map((name) => `'${name}', ifNull(dynamicElement(properties.${name}, 'Float64'), 0)`).join(', ')}, '$is_first_day', 0) AS numbers`;

/** Batches as the ingest flow writes them, one after another. */
async function timeInserts(clickhouse, isJson) {
  const next = random(5);
  const times = [];
  for (let batch = 0; batch < 12; batch++) {
    const rows = new RowWriter();
    for (let i = 0; i < 7_000; i++) {
      const record = makeRecord(next, batch * 7_000 + i, Date.UTC(2026, 4, 1));
      rows.uint32(1);
      rows.text(record.event);
      rows.int64(Number(record.distinct_id.slice(5)));
      rows.int64(record.time);
      if (isJson) rows.json(record.properties);
      else writeMaps(rows, record.properties);
    }
    const body = rows.toBuffer();
    const { ms } = await timed(() => insert(clickhouse, body));
    if (batch >= 2) times.push(ms);
  }
  return times;
}

function writeMaps(rows, properties) {
  const entries = Object.entries(properties).map(([name, value]) => [
    name,
    Array.isArray(value) ? JSON.stringify(value) : value,
  ]);
  const texts = entries.filter(([, value]) => typeof value === 'string');
  const numbers = entries.filter(([, value]) => typeof value !== 'string');
  // A count below 128 is one byte.
  rows.uint8(texts.length);
  for (const [name, value] of texts) {
    rows.text(name);
    rows.text(value);
  }
  rows.uint8(numbers.length);
  for (const [name, value] of numbers) {
    rows.text(name);
    rows.float64(Number(value));
  }
}

async function insert(clickhouse, body) {
  const answer = await clickhouse.exec({
    query: 'INSERT INTO shape FORMAT RowBinary',
    values: Readable.from([body], { objectMode: false }),
  });
  for await (const _ of answer.stream) {
    // Nothing comes; the connection is free once that was read.
  }
}

async function bytesPerEvent(clickhouse, events) {
  const answer = await clickhouse.query({
    query: `SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = currentDatabase() AND table = 'shape'`,
    format: 'JSONEachRow',
  });
  const [{ bytes }] = await answer.json();
  return Number((bytes / events).toFixed(1));
}
