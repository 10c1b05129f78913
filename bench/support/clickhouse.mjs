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
