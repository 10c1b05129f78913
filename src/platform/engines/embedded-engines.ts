import { resolve } from 'node:path';
import { prepareDataDir } from './data-dir.js';
import { lockDataDir } from './data-dir-lock.js';
import { startEmbeddedClickHouse } from './embedded-clickhouse.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import type { EngineSite, StartedEngine } from './engine-site.js';
import { openEnginesFile } from './engines-file.js';
import { toDataDirError } from './start-failure.js';
import { SupervisedEngine } from './supervised-engine.js';

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
  /** An engine died and is started again on the same port; what it acknowledged is there again then. */
  onDeath: (engine: EngineName, detail: string) => void;
  /** An engine dies again and again, or cannot be started again; at most once for each. */
  onExit: (engine: EngineName, detail: string) => void;
}

export interface EmbeddedEngines {
  /** User and password included. */
  urls: EngineUrls;
  /** Of the servers as they run now. */
  pids: () => { postgres?: number; clickhouse?: number };
  /** Orderly; an engine that takes longer than 15 s is killed. Close every client first: a ClickHouse with an idle connection waits for it. */
  stop(): Promise<void>;
}

/**
 * Starts, as child processes, the engines that no URL is given for.
 *
 * The children end when this process ends, however it ends. What an engine acknowledged survives kill -9 of
 * any of the processes, and a power cut: PostgreSQL and the tables of events and profiles write to the disk
 * before they answer.
 *
 * @throws EngineStartError with one sentence that says what is wrong and what to do
 */
export async function startEngines(options: EngineOptions): Promise<EmbeddedEngines> {
  const { databaseUrl, clickhouseUrl } = options;
  if (databaseUrl !== undefined && clickhouseUrl !== undefined) {
    return { urls: { databaseUrl, clickhouseUrl }, pids: () => ({}), stop: async () => {} };
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
  const supervise = (name: EngineName, start: (site: EngineSite) => Promise<StartedEngine>) => {
    let isFirst = true;
    return SupervisedEngine.start({
      start: (port) => {
        const passwordExisted = file.existed || !isFirst;
        isFirst = false;
        const onLine = (line: string) => options.onLog(name, line);
        return start({ dataDir, password: file.password, passwordExisted, port, onLine });
      },
      onDeath: (detail) => options.onDeath(name, detail),
      onEnd: (detail) => options.onExit(name, detail),
    });
  };
  const none = Promise.resolve(undefined);
  const [postgres, clickhouse] = await allOrNone(
    options.databaseUrl === undefined ? supervise('postgres', startEmbeddedPostgres) : none,
    options.clickhouseUrl === undefined ? supervise('clickhouse', startEmbeddedClickHouse) : none,
  );
  return {
    urls: {
      databaseUrl: options.databaseUrl ?? postgres?.url ?? '',
      clickhouseUrl: options.clickhouseUrl ?? clickhouse?.url ?? '',
    },
    pids: () => ({
      ...(postgres?.pid === undefined ? {} : { postgres: postgres.pid }),
      ...(clickhouse?.pid === undefined ? {} : { clickhouse: clickhouse.pid }),
    }),
    stop: async () => {
      await Promise.all([postgres?.stop(), clickhouse?.stop()]);
      await release();
    },
  };
}

/** When one start fails, the other is undone before the failure is told. */
async function allOrNone(...starts: Promise<SupervisedEngine | undefined>[]) {
  const settled = await Promise.allSettled(starts);
  const failed = settled.find((outcome) => outcome.status === 'rejected');
  const started = settled.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined));
  if (failed === undefined) return started;
  for (const one of started) await one?.stop();
  throw failed.reason;
}
