import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ClickHouse } from '../../src/platform/clickhouse/clickhouse.js';
import { ClickHouseMigrator } from '../../src/platform/clickhouse/migrate-clickhouse.js';

/** A ClickHouse with the tables of the service, in a database of its own. */
export interface TestClickHouse {
  clickhouse: ClickHouse;
  stop: () => Promise<void>;
}

/** Starts the embedded ClickHouse; `TEST_CLICKHOUSE_URL` names another to use. */
export async function startClickHouse(): Promise<TestClickHouse> {
  const given = process.env['TEST_CLICKHOUSE_URL'];
  const engine = given === undefined ? await startEngine() : { url: given, stop: async () => {} };
  const database = `test_${process.pid}_${Date.now().toString(36)}`;
  const migrator = await ClickHouseMigrator.load({
    url: engine.url,
    database,
    folder: resolve('migrations/clickhouse'),
  });
  await migrator.run();
  const clickhouse = new ClickHouse({ url: engine.url, database });
  return {
    clickhouse,
    stop: async () => {
      await clickhouse.command('DROP DATABASE {database:Identifier}', { database });
      await clickhouse.close();
      await engine.stop();
    },
  };
}

async function startEngine(): Promise<{ url: string; stop: () => Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rekindle-clickhouse-'));
  // A PostgreSQL that is given is not started; nothing here connects to it.
  const options = JSON.stringify({ databaseUrl: 'postgres://127.0.0.1/unused' });
  const child = spawn(process.execPath, ['test/integration/engines-process.mjs', dataDir, options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { urls, error } = JSON.parse(await firstLine(child)) as {
    urls?: { clickhouseUrl: string };
    error?: string;
  };
  if (!urls) throw new Error(error);
  return {
    url: urls.clickhouseUrl,
    stop: async () => {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let text = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      if (text.includes('\n')) done(text.split('\n')[0] ?? '');
    });
    child.once('exit', (code) => fail(new Error(`The engine ended with ${code} before it was up.`)));
  });
}
