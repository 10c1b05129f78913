import { Readable } from 'node:stream';
import { RowWriter } from '../dist/src/platform/clickhouse/row-writer.js';
import { connectClickHouse } from './support/clickhouse.mjs';
import { makeRecord, random } from './support/events.mjs';
import { median, report, timed } from './support/report.mjs';
import { startService } from './support/service.mjs';

const ROW = `project_id UInt32, event LowCardinality(String), user_id UInt64, time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  event_id UUID, distinct_id String CODEC(ZSTD(1))`;
const JSON_COLUMN = 'properties JSON(max_dynamic_paths = 512) CODEC(ZSTD(1))';
const MAP_COLUMNS =
  'texts Map(LowCardinality(String), String) CODEC(ZSTD(1)), numbers Map(LowCardinality(String), Float64) CODEC(ZSTD(1))';
const BUCKETS = ", map_serialization_version = 'with_buckets', map_buckets_min_avg_size = 1";
const BY_USER = 'project_id, event, user_id, time';
const BY_DAY = 'project_id, event, toDate(time), user_id, time';
const MONTH = 'toYYYYMM(time)';

/** Each differs from the first in one thing. */
const TABLES = {
  'json, event-user-time, month': { columns: JSON_COLUMN, key: BY_USER, partition: MONTH },
  'json, event-day-user, month': { columns: JSON_COLUMN, key: BY_DAY, partition: MONTH },
  'json, event-time, month': { columns: JSON_COLUMN, key: 'project_id, event, time', partition: MONTH },
  'json, event-user-time, day': { columns: JSON_COLUMN, key: BY_USER, partition: 'toYYYYMMDD(time)' },
  'maps in buckets, event-user-time, month': {
    columns: MAP_COLUMNS,
    key: BY_USER,
    partition: MONTH,
    settings: BUCKETS,
  },
};

const questions = (isJson) => {
  const os = isJson ? "dynamicElement(properties.$os, 'String')" : "texts['$os']";
  const price = isJson ? "dynamicElement(properties.price, 'Float64')" : "numbers['price']";
  return {
    'day count ms': `SELECT count() FROM {table:Identifier} WHERE project_id = 1 AND event = 'ViewProduct' AND time >= toDateTime('2026-05-20', 'UTC') AND time < toDateTime('2026-05-21', 'UTC')`,
    'month uniques ms': `SELECT uniqExact(user_id) FROM {table:Identifier} WHERE project_id = 1 AND event = 'ViewProduct'`,
    'sum by property ms': `SELECT ${os} AS os, sum(${price}) FROM {table:Identifier} WHERE project_id = 1 AND event = 'PayOrder' GROUP BY os`,
    'segment ms': `SELECT count() FROM (SELECT user_id FROM {table:Identifier} WHERE project_id = 1 GROUP BY user_id
      HAVING countIf(event = 'PayOrder' AND ${price} > 100) >= 2 AND countIf(time >= toDateTime('2026-05-24', 'UTC')) = 0)`,
    'last 50 of a user ms': `SELECT event, time FROM {table:Identifier} WHERE project_id = 1 AND user_id = 12345 ORDER BY time DESC LIMIT 50`,
  };
};

/**
 * Shapes of the event table, filled with the same events: what an insert costs, what they take on disk, and what the
 * usual questions cost.
 */
export async function run({ runs = 5, events = 20_000_000, users = 400_000 }) {
  const service = await startService();
  const clickhouse = connectClickHouse(service);
  const settings = { max_insert_block_size: '500000', input_format_try_infer_integers: 0 };
  const command = (query, query_params = {}) =>
    clickhouse.command({ query, query_params, clickhouse_settings: settings });
  await command(
    `CREATE TABLE source (${ROW}, ${JSON_COLUMN}) ENGINE = MergeTree PARTITION BY ${MONTH} ORDER BY (${BY_USER})`,
  );
  await command(SEED);
  for (let filled = 0; filled < events; filled += SEED_EVENTS) {
    await command(FILL, { users, salt: filled, count: Math.min(SEED_EVENTS, events - filled) });
  }
  const rows = [];
  for (const [name, { columns, key, partition, settings: extra = '' }] of Object.entries(TABLES)) {
    const isJson = columns === JSON_COLUMN;
    await command(
      `CREATE TABLE shape (${ROW}, ${columns}) ENGINE = MergeTree PARTITION BY ${partition} ORDER BY (${key}) SETTINGS non_replicated_deduplication_window = 0${extra}`,
    );
    const insertMs = median(await timeInserts(clickhouse, isJson));
    await command('TRUNCATE TABLE shape');
    for (let week = 0; week < 4; week++) {
      await command(
        `INSERT INTO shape SELECT ${isJson ? '*' : AS_MAPS} FROM source WHERE intDiv(toDayOfMonth(time), 8) = {week:UInt8}`,
        { week },
      );
    }
    await command('OPTIMIZE TABLE shape FINAL');
    const row = {
      table: name,
      events,
      'insert of 7,000 ms': Math.round(insertMs),
      'bytes per event': await bytesPerEvent(clickhouse, events),
    };
    for (const [question, query] of Object.entries(questions(isJson))) {
      const times = [];
      for (let i = 0; i <= runs; i++) {
        const { ms } = await timed(async () =>
          (await clickhouse.query({ query, query_params: { table: 'shape' }, format: 'JSONEachRow' })).json(),
        );
        // The first run warms the files up.
        if (i > 0) times.push(ms);
      }
      row[question] = Math.round(median(times));
    }
    rows.push(row);
    await command('DROP TABLE shape SYNC');
  }
  await clickhouse.close();
  await service.stop();
  await service.remove();
  await report('table', rows);
}

const SEED_EVENTS = 1_000_000;
/** Properties of a million events; JSON text is dear to read, so these are read once and used again and again. */
const SEED = `CREATE TABLE seed ENGINE = MergeTree ORDER BY tuple() AS
  SELECT number AS place, concat('{"$os":"', if(number % 3 = 0, 'iOS', 'Android'), '","$os_version":"', toString(10 + number % 7),
      '","$model":"Phone ', toString(number % 40), '","$app_version":"5.12.0","$network_type":"WIFI","$screen_width":1080,"$is_first_day":false',
      ',"$url":"https://shop.example.com/product/', toString(number % 2000), '","product_id":"P', toString(number % 2000),
      '","category":"category-', toString(number % 25), '","price":', toString(number % 500), ',"quantity":', toString(1 + number % 3),
      '}')::JSON(max_dynamic_paths = 512) AS properties
  FROM numbers(${SEED_EVENTS})`;

/** May 2026, six events with a skew, users with a skew. Made inside ClickHouse, by numbers only. */
const FILL = `INSERT INTO source
  SELECT 1, ['ViewProduct', 'AddToCart', 'PayOrder', '$pageview', '$AppStart', 'Search'][
      multiIf(h1 % 100 < 40, 1, h1 % 100 < 50, 2, h1 % 100 < 53, 3, h1 % 100 < 85, 4, h1 % 100 < 93, 5, 6)],
    1 + toUInt64(pow((h2 % 1000000) / 1000000, 3) * {users:UInt32}) AS user,
    toDateTime64('2026-05-01', 3, 'UTC') + toIntervalMillisecond(h3 % 2592000000), generateUUIDv4(),
    concat('user-', toString(user)), properties
  FROM (SELECT properties, cityHash64(place, {salt:UInt64}, 1) AS h1, cityHash64(place, {salt:UInt64}, 2) AS h2,
    cityHash64(place, {salt:UInt64}, 3) AS h3 FROM seed LIMIT {count:UInt64})`;

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
const AS_MAPS = `project_id, event, user_id, time, event_id, distinct_id,
  map(${TEXTS.map((name) => `'${name}', ifNull(dynamicElement(properties.${name}, 'String'), '')`).join(', ')}) AS texts,
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
      rows.uuid((batch * 7_000 + i).toString(16).padStart(32, '0'));
      rows.text(record.distinct_id);
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
