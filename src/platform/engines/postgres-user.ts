import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { ENGINE_ENVIRONMENT, type RunAs } from './engine-process.js';
import { EngineStartError } from './engine-start-error.js';

const run = promisify(execFile);

/** Users that PostgreSQL runs as when Rekindle runs as root, by preference. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * PostgreSQL refuses to run as root: then an unprivileged user runs it, the one that owns its data already
 * or one of the system's.
 * @returns undefined when this process is an ordinary user and PostgreSQL simply runs as the same
 */
export async function findPostgresUser(folder: string): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(folder).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, name: `uid ${owner.uid}` };
  const user = parsePasswd(await readFile('/etc/passwd', 'utf8').catch(() => ''), CANDIDATES);
  if (user) return user;
  throw new EngineStartError(
    'The embedded PostgreSQL refuses to run as root and there is no user postgres or nobody to run it as: add one, or run Rekindle as an ordinary user.',
  );
}

/** The first of `names` in the text of /etc/passwd that is not root by another name. */
export function parsePasswd(text: string, names: readonly string[]): RunAs | undefined {
  const users = text.split('\n').map((line) => line.split(':'));
  for (const name of names) {
    const [, , uid = '', gid = ''] = users.find((fields) => fields[0] === name) ?? [];
    if (/^[1-9]\d*$/.test(uid) && /^\d+$/.test(gid)) return { uid: Number(uid), gid: Number(gid), name };
  }
  return undefined;
}

/**
 * Refuses what the unprivileged user cannot reach, which PostgreSQL itself would report in riddles.
 * @throws EngineStartError that names the folder and the way out
 */
export async function checkReach(user: RunAs, postgres: string, dataDir: string): Promise<void> {
  const can = (test: string, path: string) =>
    run('/bin/sh', ['-c', `cd / && test ${test} "$1"`, 'sh', path], {
      uid: user.uid,
      gid: user.gid,
      cwd: '/',
      env: ENGINE_ENVIRONMENT,
    }).then(
      () => true,
      () => false,
    );
  const wayOut = 'or run Rekindle as an ordinary user';
  if (!(await can('-x', postgres))) {
    throw new EngineStartError(
      `Rekindle runs as root, so PostgreSQL runs as ${user.name}, who cannot enter ${dirname(postgres)}: move the project to a folder open to all users, such as /opt/rekindle, ${wayOut}.`,
    );
  }
  if (!(await can('-x', dataDir))) {
    throw new EngineStartError(
      `Rekindle runs as root, so PostgreSQL runs as ${user.name}, who cannot enter the data folder ${dataDir}: set DATA_DIR to a folder open to all users, such as /var/lib/rekindle, ${wayOut}.`,
    );
  }
}
