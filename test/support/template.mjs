// Before the specs that start the service: one data folder as a first start leaves it, made by the build under test and
// stopped in order. Each spec that has no wish of its own gets a copy (rekindle.ts), and starts the same service on the
// same engines without initdb and every migration. It lives as long as this run of the tests, so it fits its build.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const START_TIMEOUT_MS = 120_000;

/** A run in band is of one spec or few: they start on empty folders, as they do where there is no template. */
export default async function makeTemplate({ maxWorkers }) {
  if (maxWorkers === 1) return;
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-template-'));
  // As root, PostgreSQL runs under another user, who has to get into the folder.
  await chmod(folder, 0o755);
  try {
    await startOnce(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  process.env.TEST_TEMPLATE_DIR = folder;
}

async function startOnce(folder) {
  const redis = process.env.TEST_REDIS_URL ? { REDIS_URL: process.env.TEST_REDIS_URL } : {};
  const child = spawn(process.execPath, [resolve('dist/src/app/main.js')], {
    env: {
      PATH: process.env.PATH,
      HTTP_PORT: '0',
      LOG_LEVEL: 'warn',
      ADMIN_API_KEY: 'template-admin-key-0123456789',
      QUEUE_PREFIX: `template${process.pid}`,
      ...redis,
      DATA_DIR: folder,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const isUp = new Promise((done) => {
    const hear = (bytes) => {
      output += bytes;
      if (output.includes('Rekindle is up')) done();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
  });
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  await Promise.race([isUp, ended]);
  clearTimeout(timer);
  child.kill('SIGTERM');
  const [code] = await ended;
  if (code !== 0) throw new Error(`The template of the data folders was not made (exit ${code}):\n${output}`);
}
