import { ClickHouse } from '../platform/clickhouse/clickhouse.js';
import { SystemClock } from '../platform/clock/clock.js';
import type { Config } from '../platform/config/config.js';
import { type EmbeddedEngines, startEngines } from '../platform/engines/embedded-engines.js';
import { HttpClient } from '../platform/http-client/http-client.js';
import { Kafka } from '../platform/kafka/kafka.js';
import { log } from '../platform/log/log.js';
import { BullQueues } from '../platform/queue/bull-queues.js';
import { loadSecretKey } from '../platform/secrets/secret-key-file.js';
import { Secrets } from '../platform/secrets/secrets.js';
import { News } from '../platform/threads/news.js';
import { connectDatabase, loadClickHouseMigrator, migrate } from './migrations.js';
import type { PlatformServices } from './platform.module.js';
import { StartError } from './start-error.js';

export interface RunningServices extends PlatformServices {
  engines: EmbeddedEngines;
  close: () => Promise<void>;
}

/**
 * Starts the engines that are not configured, connects to the stores and brings them up to date.
 * @param onEngineExit an embedded engine cannot be kept running: the process cannot go on
 */
export async function startServices(
  base: Config,
  onEngineExit: (detail: string) => void,
): Promise<RunningServices> {
  const opened: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const undo of opened.splice(0).reverse()) await undo();
  };
  try {
    const engines = await startEngines({
      dataDir: base.get('DATA_DIR'),
      ...optional('databaseUrl', base.get('DATABASE_URL')),
      ...optional('clickhouseUrl', base.get('CLICKHOUSE_URL')),
      onLog: (engine, line) => log.debug({ engine }, line),
      onDeath: (engine, detail) =>
        log.error({ engine, detail }, 'an embedded engine died and is started again'),
      onExit: (engine, detail) => onEngineExit(`The embedded ${engine} ended: ${detail}`),
    });
    opened.push(() => engines.stop());
    return { ...(await connect(base, engines, opened)), engines, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connect(
  base: Config,
  engines: EmbeddedEngines,
  opened: (() => Promise<unknown>)[],
): Promise<PlatformServices> {
  const { databaseUrl, clickhouseUrl } = engines.urls;
  const isEmbedded = base.get('DATABASE_URL') === undefined && base.get('CLICKHOUSE_URL') === undefined;
  const mode = base.get('MIGRATE') ?? (isEmbedded ? 'auto' : 'check');
  const config = base.with({ DATABASE_URL: databaseUrl, CLICKHOUSE_URL: clickhouseUrl });
  const database = config.get('CLICKHOUSE_DATABASE');
  const db = await reach(
    'PostgreSQL',
    'DATABASE_URL',
    connectDatabase(databaseUrl, config.get('DATABASE_POOL_SIZE')),
  );
  opened.push(() => db.close());
  const migrator = await loadClickHouseMigrator(clickhouseUrl, database);
  await reach('ClickHouse', 'CLICKHOUSE_URL', migrator.pending());
  await migrate({ db, clickhouse: migrator }, mode);
  const clickhouse = new ClickHouse({ url: clickhouseUrl, database });
  const redisUrl = config.get('REDIS_URL');
  const prefix = config.get('QUEUE_PREFIX');
  const queues = new BullQueues({
    prefix,
    redisUrl,
    databaseUrl,
    migrate: mode === 'auto',
    concurrency: { segment: config.get('SEGMENT_RUNS_PER_PROCESS') },
  });
  const http = new HttpClient(config.outboundAllowHosts);
  const kafka = new Kafka(config);
  opened.push(() =>
    Promise.all([clickhouse.close(), http.close(), queues.close()]).then(() => kafka.close()),
  );
  await reach(redisUrl ? 'Redis' : 'PostgreSQL', redisUrl ? 'REDIS_URL' : 'DATABASE_URL', queues.open());
  const secrets = new Secrets(config.get('SECRET_KEY') ?? (await loadSecretKey(config.get('DATA_DIR'))));
  return { config, clock: new SystemClock(), db, clickhouse, queues, secrets, http, kafka, news: new News() };
}

async function reach<T>(name: string, setting: string, connecting: Promise<T>): Promise<T> {
  try {
    return await connecting;
  } catch (error) {
    if (error instanceof StartError) throw error;
    const cause =
      error instanceof Error && error.message !== ''
        ? error.message
        : String((error as { code?: string }).code ?? error);
    throw new StartError(`${name} cannot be used (${cause}): check ${setting} and that the server runs.`, {
      cause: error,
    });
  }
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: string };
}
