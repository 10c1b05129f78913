import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CLICKHOUSE_USER,
  clickhouseConfig,
  clickhouseMemoryLimit,
  clickhouseUsers,
} from './clickhouse-config.js';
import { EngineProcess } from './engine-process.js';
import type { EngineSite, StartedEngine } from './engine-site.js';
import { EngineStartError } from './engine-start-error.js';
import { lowerMergePriority } from './lower-merge-priority.js';
import { findPackageFile, notAvailable, platformName } from './platform-package.js';
import { startWithRetries } from './start-with-retries.js';

/** Long, because ClickHouse first loads every table's parts. */
const READY_TIMEOUT_MS = 120_000;

/** Starts the embedded ClickHouse; its databases are its users' business. */
export async function startEmbeddedClickHouse(site: EngineSite): Promise<StartedEngine> {
  const library = findLibrary();
  const folder = join(site.dataDir, 'clickhouse');
  await prepareFolder(folder, site);
  const configPath = await writeConfig(folder, site.password);
  return startWithRetries('ClickHouse', site, async (port) => {
    const engine = new EngineProcess({
      file: process.execPath,
      args: [
        childScript(),
        library,
        `--config-file=${configPath}`,
        `--path=${folder}`,
        `--http_port=${port}`,
        '--listen_host=127.0.0.1',
      ],
      onLine: site.onLine,
    });
    await engine.untilReady(() => answers(port, site.password), READY_TIMEOUT_MS);
    if (engine.pid !== undefined) await lowerMergePriority(engine.pid);
    return {
      engine,
      url: `http://${CLICKHOUSE_USER}:${site.password}@127.0.0.1:${port}`,
      pid: engine.pid,
    };
  });
}

function findLibrary(): string {
  const platform = platformName();
  const packageOf =
    process.platform === 'linux' && !platform.endsWith('-musl') ? `${platform}-gnu` : platform;
  const manifest = findPackageFile(`@chdb/lib-${packageOf}/package.json`, 'chdb');
  if (manifest === undefined || findPackageFile('ffi-rs', 'ffi-rs') === undefined) {
    throw notAvailable('ClickHouse', platform);
  }
  return join(dirname(manifest), 'libchdb.so');
}

async function prepareFolder(folder: string, site: EngineSite): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const isForeign = !site.passwordExisted && (await readdir(folder)).length > 0;
  if (!isForeign) return;
  throw new EngineStartError(
    `The folder ${folder} was not made by Rekindle's embedded ClickHouse, or its engines.json is lost: restore that file, move the folder away, or set DATA_DIR to another folder.`,
  );
}

async function writeConfig(folder: string, password: string): Promise<string> {
  const configPath = join(folder, 'rekindle-config.xml');
  const usersPath = join(folder, 'rekindle-users.xml');
  const limits = [totalmem(), process.constrainedMemory()].filter((bytes) => bytes > 0);
  const memoryBytes = clickhouseMemoryLimit(Math.min(...limits));
  await writeFile(usersPath, clickhouseUsers(password), { mode: 0o600 });
  await writeFile(configPath, clickhouseConfig({ password, usersPath, memoryBytes }), { mode: 0o600 });
  return configPath;
}

/** The built script also when this file runs from its source, as it does in tests: node cannot run TypeScript. */
function childScript(): string {
  const isSource = import.meta.url.endsWith('.ts');
  const built = isSource ? '../../../dist/src/platform/engines/clickhouse-child.js' : './clickhouse-child.js';
  return fileURLToPath(new URL(built, import.meta.url));
}

/** One question on a connection of its own: a kept one would hold up the server's stop. */
function answers(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({
      host: '127.0.0.1',
      port,
      path: '/?query=SELECT%201',
      auth: `${CLICKHOUSE_USER}:${password}`,
      agent: false,
      timeout: 2_000,
    });
    request.once('response', (response) => {
      response.resume();
      response.once('close', () => resolve(response.statusCode === 200));
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
    request.once('close', () => resolve(false));
  });
}
