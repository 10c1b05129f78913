import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';

/** A client of the embedded ClickHouse of a service that runs on a data folder. */
export function connectClickHouse({ dataDir }) {
  const { password } = JSON.parse(readFileSync(join(dataDir, 'engines.json'), 'utf8'));
  const lines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });
  const port = /--http_port=(\d+)/.exec(
    lines.find((line) => line.includes(`--path=${join(dataDir, 'clickhouse')}`)) ?? '',
  )?.[1];
  return createClient({
    url: `http://rekindle:${password}@127.0.0.1:${port}`,
    database: 'rekindle',
    request_timeout: 600_000,
  });
}

/**
 * Users, and events of the last 30 days with a skew: few users do much, and some stopped a while ago. Made inside
 * ClickHouse, by numbers only.
 */
export async function fill(clickhouse, { events, users }) {
  const clickhouse_settings = { max_insert_block_size: '500000', input_format_try_infer_integers: 0 };
  await clickhouse.command({
    query: `INSERT INTO profile (project_id, user_id, properties, version)
      SELECT 1, number + 1, concat('{"member":', if(number % 2 = 0, 'true', 'false'), '}')::JSON, 1 FROM numbers({users:UInt32})`,
    query_params: { users },
  });
  // In pieces, so that no single request takes longer than a connection may be silent.
  const piece = 1_000_000;
  for (let from = 0; from < events; from += piece) {
    await clickhouse.command({
      query: `INSERT INTO event (project_id, event, user_id, time, event_id, client_time, received_at, properties)
        SELECT 1, ['ViewProduct', 'AddToCart', 'PayOrder', '$pageview', '$AppStart'][1 + (cityHash64(number, 1) % 100 < 40 ? 0 : 1 + cityHash64(number, 2) % 4)],
          1 + toUInt64(pow(cityHash64(number, 3) % 1000000 / 1000000, 2) * {users:UInt32}) AS user,
          now() - toIntervalSecond(if(user % 3 = 0, 691200, 0) + cityHash64(number, 4) % 2500000) AS t,
          generateUUIDv4(), t, t, concat('{"price":', toString(number % 500), ',"product_id":"P', toString(number % 2000), '"}')::JSON
        FROM numbers({from:UInt64}, {count:UInt64})`,
      query_params: { from, count: Math.min(piece, events - from), users },
      clickhouse_settings,
    });
  }
}
