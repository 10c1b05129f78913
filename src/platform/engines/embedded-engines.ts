import { resolve } from 'node:path';
import { prepareDataDir } from './data-dir.js';
import { lockDataDir } from './data-dir-lock.js';
import { startEmbeddedClickHouse } from './embedded-clickhouse.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import type { EngineSite, StartedEngine } from './engine-site.js';
import { type EnginesFile, openEnginesFile } from './engines-file.js';
import { toDataDirError } from './start-failure.js';

export type EngineName = 'postgres' | 'clickhouse';

export interface EngineUrls {
  databaseUrl: string;
  clickhouseUrl: string;
}

export interface EngineOptions {
  /** Folder of the embedded engines: `postgres/`, `clickhouse/`, `engines.json`, `rekindle.pid`. */
  dataDir: string;
  /** Given: an external PostgreSQL is used and none is started. */
  databaseUrl?: string;
  /** Given: an external ClickHouse is used and none is started. */
  clickhouseUrl?: string;
  onLog: (engine: EngineName, line: string) => void;
  /** An engine ended although nobody asked it to; at most once for each. */
  onExit: (engine: EngineName, detail: string) => void;
}

export interface EmbeddedEngines {
  /** User and password included. */
  urls: EngineUrls;
  pids: { postgres?: number; clickhouse?: number };
  /** Orderly; an engine that takes longer than 15 s is killed. Close every client first: a ClickHouse with an idle connection waits for it. */
  stop(): Promise<void>;
}

/**
 * Starts, as child processes, the engines that no URL is given for.
 *
 * The children end when this process ends, however it ends. What an engine acknowledged survives kill -9 of
 * any of the processes. A power cut loses nothing of PostgreSQL; of ClickHouse it can lose the last inserts,
 * those that the operating system had not yet written to the disk (about 30 s).
 *
 * @throws EngineStartError with one sentence that says what is wrong and what to do
 */
export async function startEngines(options: EngineOptions): Promise<EmbeddedEngines> {
  const { databaseUrl, clickhouseUrl } = options;
  if (databaseUrl !== undefined && clickhouseUrl !== undefined) {
    return { urls: { databaseUrl, clickhouseUrl }, pids: {}, stop: async () => {} };
  }
  const dataDir = resolve(options.dataDir);
  try {
    await prepareDataDir(dataDir);
    const lock = await lockDataDir(dataDir);
    try {
      return await startIn(dataDir, options, lock.release);
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw toDataDirError(dataDir, error) ?? error;
  }
}

async function startIn(
  dataDir: string,
  options: EngineOptions,
  release: () => Promise<void>,
): Promise<EmbeddedEngines> {
  const file = await openEnginesFile(dataDir);
  const site = (name: EngineName) => siteOf(name, dataDir, file, options);
  const none = Promise.resolve(undefined);
  const [postgres, clickhouse] = await allOrNone(
    options.databaseUrl === undefined ? startEmbeddedPostgres(site('postgres')) : none,
    options.clickhouseUrl === undefined ? startEmbeddedClickHouse(site('clickhouse')) : none,
  );
  if (postgres) watch('postgres', postgres, options);
  if (clickhouse) watch('clickhouse', clickhouse, options);
  return {
    urls: {
      databaseUrl: options.databaseUrl ?? postgres?.url ?? '',
      clickhouseUrl: options.clickhouseUrl ?? clickhouse?.url ?? '',
    },
    pids: {
      ...(postgres?.pid === undefined ? {} : { postgres: postgres.pid }),
      ...(clickhouse?.pid === undefined ? {} : { clickhouse: clickhouse.pid }),
    },
    stop: async () => {
      await Promise.all([postgres?.engine.stop(), clickhouse?.engine.stop()]);
      await release();
    },
  };
}

function siteOf(name: EngineName, dataDir: string, file: EnginesFile, options: EngineOptions): EngineSite {
  return {
    dataDir,
    password: file.password,
    passwordExisted: file.existed,
    onLine: (line) => options.onLog(name, line),
  };
}

/** When one start fails, the other is undone before the failure is told. */
async function allOrNone(...starts: Promise<StartedEngine | undefined>[]) {
  const settled = await Promise.allSettled(starts);
  const failed = settled.find((outcome) => outcome.status === 'rejected');
  const started = settled.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined));
  if (failed === undefined) return started;
  for (const one of started) await one?.engine.stop();
  throw failed.reason;
}

function watch(name: EngineName, { engine }: StartedEngine, options: EngineOptions): void {
  void engine.ended.then(() => {
    if (!engine.isStopping) options.onExit(name, engine.lines.join('\n'));
  });
}
