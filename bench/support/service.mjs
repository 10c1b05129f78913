import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ADMIN_KEY = 'bench-admin-key-0123456789';

const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));

/** Starts the built service as `npm start` does, with embedded engines in a folder of its own. */
export async function startService({ dataDir, env = {} } = {}) {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'rekindle-bench-')));
  // As root, PostgreSQL runs under another user, who has to get into the folder.
  await chmod(folder, 0o711);
  const startedAt = performance.now();
  const child = spawn('sh', ['-c', `exec env ${scripts.start}`], {
    env: {
      PATH: process.env.PATH,
      HTTP_PORT: '0',
      LOG_LEVEL: 'warn',
      ADMIN_API_KEY: ADMIN_KEY,
      ...env,
      DATA_DIR: folder,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // A case that fails leaves nothing running.
  process.once('exit', () => child.kill('SIGTERM'));
  const port = await firstMatch(child, /is up at \S+ on port (\d+)/);
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  };
  return {
    port: Number(port),
    pid: child.pid,
    dataDir: folder,
    readyMs: performance.now() - startedAt,
    stop,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function startBaseline() {
  const child = spawn(process.execPath, ['bench/support/baseline.mjs'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await firstMatch(child, /(\d+)/);
  return { port: Number(port), stop: () => child.kill() };
}

function firstMatch(child, pattern) {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (bytes) => {
      output += bytes;
      const match = pattern.exec(output);
      if (match) resolve(match[1]);
    });
    child.once('exit', () => reject(new Error(`it ended before it was up: ${output}`)));
  });
}

/** Events that went through the whole flow since the start, as the service's own metrics count them. */
export async function storedEvents(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(
    /flow_outcome_total\{flow="ingest",step="store",kind="ok",reason=""\} (\d+)/.exec(text)?.[1] ?? 0,
  );
}

export async function api(port, method, path, body) {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const json = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(json)}`);
  return json;
}
