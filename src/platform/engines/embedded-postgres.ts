import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, DatabaseError } from 'pg';
import { EngineProcess, type RunAs } from './engine-process.js';
import type { EngineSite, StartedEngine } from './engine-site.js';
import { EngineFailure, EngineStartError } from './engine-start-error.js';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { POSTGRES_USER, parsePostmasterPid, preparePostgresFolder } from './postgres-folder.js';
import { checkReach, findPostgresUser } from './postgres-user.js';
import { toStartError } from './start-failure.js';
import { startWithRetries } from './start-with-retries.js';

const DATABASE = 'rekindle';
const INVALID_PASSWORD = '28P01';
/** Long, because PostgreSQL first replays its log after a crash. */
const READY_TIMEOUT_MS = 120_000;

/**
 * Runs PostgreSQL, and stops it as soon as standard input ends: by our wish or by our death. SIGINT is its
 * fast shutdown; it is repeated because PostgreSQL ignores it for the first moments of its start.
 */
const WATCHED = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
( read -r _ <&3; while kill -INT $server; do sleep 1; done ) >/dev/null 2>&1 &
watcher=$!
wait $server
code=$?
kill $watcher
exit $code`;

/** Starts the embedded PostgreSQL with the database `rekindle` in it. */
export async function startEmbeddedPostgres(site: EngineSite): Promise<StartedEngine> {
  const path = join(site.dataDir, 'postgres');
  const binaries = await findPostgresBinaries();
  const runAs = await findPostgresUser(path);
  if (runAs) await checkReach(runAs, binaries.postgres, site.dataDir);
  await preparePostgresFolder({ ...site, path, binaries, runAs }).catch((error: unknown) => {
    throw error instanceof EngineFailure ? toStartError('PostgreSQL', site.dataDir, error) : error;
  });
  return startWithRetries('PostgreSQL', site, (port) => startOn(port, { site, path, binaries, runAs }));
}

interface Plan {
  site: EngineSite;
  path: string;
  binaries: PostgresBinaries;
  runAs: RunAs | undefined;
}

async function startOn(port: number, { site, path, binaries, runAs }: Plan): Promise<StartedEngine> {
  const engine = new EngineProcess({
    file: '/bin/sh',
    args: ['-c', WATCHED, 'sh', binaries.postgres, ...serverArgs(path, port)],
    runAs,
    onLine: site.onLine,
  });
  const url = (database: string) =>
    `postgres://${POSTGRES_USER}:${site.password}@127.0.0.1:${port}/${database}`;
  try {
    await engine.untilReady(() => answers(url('postgres')), READY_TIMEOUT_MS);
    await createDatabase(url('postgres'));
    const pid = parsePostmasterPid(await readFile(join(path, 'postmaster.pid'), 'utf8'));
    return { engine, url: url(DATABASE), pid };
  } catch (error) {
    await engine.stop();
    throw error instanceof DatabaseError ? new EngineFailure([error.message]) : error;
  }
}

function serverArgs(path: string, port: number): string[] {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '', // a path of more than 107 bytes cannot hold one
    shared_buffers: '128MB',
    max_connections: 100,
    synchronous_commit: 'on',
    max_wal_size: '2GB',
    wal_compression: 'on', // pglz: the packaged build has no lz4
    jit: 'off',
    max_logical_replication_workers: 0,
    // Queue tables: every row is updated and deleted within seconds, so dead rows must go soon.
    autovacuum_naptime: '15s',
    autovacuum_vacuum_scale_factor: 0.05,
    autovacuum_vacuum_cost_limit: 2000,
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '',
    log_checkpoints: 'off',
  };
  return ['-D', path, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {}); // the server ended between two questions
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === INVALID_PASSWORD) throw wrongPassword();
    return false; // not listening yet, replaying its log, or somebody else's port: its own end tells which
  } finally {
    await client.end().catch(() => {});
  }
}

function wrongPassword(): EngineStartError {
  return new EngineStartError(
    'The password in engines.json does not fit the embedded PostgreSQL beside it: restore both from the same moment, or move the data folder away to begin anew.',
  );
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {}); // killed between two queries: the next one fails
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}
