import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import type { Rekindle } from './rekindle.js';

/** The URL of the embedded PostgreSQL of a running service, for tests that look into its tables. */
export async function databaseUrlOf(rekindle: Rekindle): Promise<string> {
  // Line 4 of postmaster.pid is the port.
  const port = (await readFile(join(rekindle.dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[3];
  return `postgres://rekindle:${await passwordOf(rekindle)}@127.0.0.1:${port}/rekindle`;
}

/** Asks the embedded ClickHouse of a running service directly. */
export async function queryClickHouse<Row>(rekindle: Rekindle, sql: string): Promise<Row[]> {
  const client = createClient({ url: await clickhouseUrlOf(rekindle), database: 'rekindle' });
  try {
    return await (await client.query({ query: sql, format: 'JSONEachRow' })).json<Row>();
  } finally {
    await client.close();
  }
}

/** Process ids whose command line holds this text. */
export async function processesWith(text: string): Promise<number[]> {
  const found: number[] = [];
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(text)) found.push(Number(id));
  }
  return found;
}

async function findOption(text: string, option: RegExp): Promise<string> {
  for (const id of await processesWith(text)) {
    const match = option.exec(await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''));
    if (match?.[1]) return match[1];
  }
  throw new Error(`No process with ${text}`);
}

async function passwordOf(rekindle: Rekindle): Promise<string> {
  const text = await readFile(join(rekindle.dataDir, 'engines.json'), 'utf8');
  return (JSON.parse(text) as { password: string }).password;
}

/** The URL of the embedded ClickHouse of a running service. */
export async function clickhouseUrlOf(rekindle: Rekindle): Promise<string> {
  const port = await findOption(`--path=${join(rekindle.dataDir, 'clickhouse')}`, /--http_port=(\d+)/);
  return `http://rekindle:${await passwordOf(rekindle)}@127.0.0.1:${port}`;
}
