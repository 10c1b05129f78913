import { execFile } from 'node:child_process';
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ENGINE_ENVIRONMENT, type RunAs } from './engine-process.js';
import { EngineFailure, EngineStartError } from './engine-start-error.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { processCommand } from './process-identity.js';

/** The major version that the embedded package brings; its data folders are of no use to another. */
export const POSTGRES_MAJOR = '18';
export const POSTGRES_USER = 'rekindle';

const run = promisify(execFile);

export interface PostgresFolder {
  /** Absolute path of the data folder of PostgreSQL. */
  path: string;
  binaries: PostgresBinaries;
  runAs: RunAs | undefined;
  password: string;
  /** Whether the password is from an earlier start; data without it is not ours. */
  passwordExisted: boolean;
}

/** Makes the folder ready for a start: initialised, of our version, owned by the right user, held by nobody. */
export async function preparePostgresFolder(folder: PostgresFolder): Promise<void> {
  if (await isEmptyOrAbsent(folder.path)) await initialise(folder);
  else await checkOurs(folder);
  await stopPredecessor(folder);
}

async function isEmptyOrAbsent(path: string): Promise<boolean> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.length === 0;
}

/** Beside its place, then moved there: a folder that stands there is complete, whatever killed us. */
async function initialise({ path, binaries, runAs, password }: PostgresFolder): Promise<void> {
  const draft = `${path}.new`;
  const passwordFile = `${path}.password`;
  await rm(draft, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  try {
    await makeDraft(draft, runAs);
    await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
    if (runAs) await chown(passwordFile, runAs.uid, runAs.gid);
    await run(binaries.initdb, initdbArgs(draft, passwordFile), runOptions(runAs)).catch(
      (error: Error & { stderr?: string }) => {
        throw new EngineFailure((error.stderr || error.message).trim().split('\n'));
      },
    );
    await rm(path, { recursive: true, force: true }); // empty
    await rename(draft, path);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

async function makeDraft(draft: string, runAs: RunAs | undefined): Promise<void> {
  await mkdir(draft, { mode: 0o700 });
  if (runAs) await chown(draft, runAs.uid, runAs.gid);
}

function initdbArgs(path: string, passwordFile: string): string[] {
  return [
    `--pgdata=${path}`,
    `--username=${POSTGRES_USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--locale=C',
    '--encoding=UTF8',
    '--no-instructions',
  ];
}

async function checkOurs({ path, passwordExisted, runAs }: PostgresFolder): Promise<void> {
  const version = await readFile(join(path, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (version === undefined || !passwordExisted) {
    throw new EngineStartError(
      `The folder ${path} was not made by Rekindle's embedded PostgreSQL, or its engines.json is lost: restore that file, move the folder away, or set DATA_DIR to another folder.`,
    );
  }
  if (version.trim() !== POSTGRES_MAJOR) {
    throw new EngineStartError(
      `The folder ${path} holds data of PostgreSQL ${version.trim()} and the embedded PostgreSQL is ${POSTGRES_MAJOR}: dump it with the old version and load it into a new folder, or set DATABASE_URL to a server of the old version.`,
    );
  }
  const { uid } = await stat(path);
  const expected = runAs?.uid ?? process.getuid?.();
  if (expected !== undefined && uid !== expected) {
    throw new EngineStartError(
      `The folder ${path} belongs to the user with uid ${uid}: run Rekindle as that user or as root, or set DATA_DIR to another folder.`,
    );
  }
}

/**
 * Stops a PostgreSQL that outlived its Rekindle, and sees to it that a pid that means another process now
 * is not taken for one. Only the pid is made void then: the rest of postmaster.pid stays, by which
 * PostgreSQL checks its shared memory for survivors.
 */
async function stopPredecessor({ path, binaries, runAs }: PostgresFolder): Promise<void> {
  const pidFile = join(path, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => undefined);
  const pid = text === undefined ? undefined : parsePostmasterPid(text);
  if (text === undefined || pid === undefined) return;
  const command = await processCommand(pid);
  if (command === undefined) return;
  if (!command.includes(path)) {
    await writeFile(pidFile, text.replace(/^\d+/, String(NEVER_A_PID)));
    return;
  }
  const stop = ['stop', `--pgdata=${path}`, '--mode=fast', '--wait', '--timeout=30'];
  await run(binaries.pgCtl, stop, runOptions(runAs)).catch(async (error: unknown) => {
    if ((await processCommand(pid)) === undefined) return; // it ended by itself
    throw new EngineStartError(
      `A PostgreSQL of an earlier run (process ${pid}) still uses ${path} and does not stop: end it by hand.`,
      { cause: error },
    );
  });
}

/** Above the largest pid that Linux (4194304) and macOS (99999) give. */
const NEVER_A_PID = 4_194_305;

/** The pid in a postmaster.pid. Source: PostgreSQL 18, src/include/utils/pidfile.h, line 1. */
export function parsePostmasterPid(text: string): number | undefined {
  const pid = /^\d+/.exec(text)?.[0];
  return pid === undefined || Number(pid) === 0 ? undefined : Number(pid);
}

function runOptions(runAs: RunAs | undefined) {
  return {
    cwd: '/',
    env: ENGINE_ENVIRONMENT,
    ...(runAs ? { uid: runAs.uid, gid: runAs.gid } : {}),
  };
}
