import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MAIN = resolve('dist/src/app/main.js');
const START_TIMEOUT_MS = 90_000;
/** A first start with one of these leaves another folder than one without. */
const OF_THE_FIRST_START = [
  'DATABASE_URL',
  'CLICKHOUSE_URL',
  'CLICKHOUSE_DATABASE',
  'REDIS_URL',
  'SECRET_KEY',
];

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads out of an answer is what it checks
  json: any;
}

export interface TestProject {
  slug: string;
  /** Calls the admin API below this project: `api('GET', 'segments')`. */
  api: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
}

/** The built service, running as its users run it: a process of its own with real engines. */
export class Rekindle {
  readonly adminKey = 'test-admin-key-0123456789';
  url = '';
  output = '';
  private child: ChildProcess | null = null;
  private projects = 0;

  private constructor(
    readonly dataDir: string,
    private readonly env: Record<string, string>,
  ) {}

  /**
   * @param env settings of the service; `DATA_DIR` is a folder of its own that `stop` removes, unless given
   * @param isFirst on an empty folder, for tests of what a first start does; else on a copy of what one left, if there is one
   */
  static async start(env: Record<string, string> = {}, isFirst = false): Promise<Rekindle> {
    const rekindle = new Rekindle(env['DATA_DIR'] ?? (await makeFolder(env, isFirst)), env);
    await rekindle.launch();
    return rekindle;
  }

  /** Starts the process; after `kill`, the same data folder is used again. */
  async launch(): Promise<void> {
    this.output = '';
    const child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env['PATH'] ?? '',
        HTTP_PORT: '0',
        LOG_LEVEL: 'warn',
        ADMIN_API_KEY: this.adminKey,
        ...(process.env['TEST_REDIS_URL'] ? { REDIS_URL: process.env['TEST_REDIS_URL'] } : {}),
        QUEUE_PREFIX: `t${process.pid}-${this.dataDir
          .slice(-6)
          .toLowerCase()
          .replaceAll(/[^a-z0-9]/g, '')}`,
        ...this.env,
        DATA_DIR: this.dataDir,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stdout.on('data', (bytes: Buffer) => (this.output += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (this.output += bytes.toString()));
    this.url = await this.readUrl(child);
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** kill -9: no chance to tidy up. */
  async kill(): Promise<void> {
    const ended = this.ended();
    this.child?.kill('SIGKILL');
    await ended;
  }

  /** An orderly stop; the data folder stays. */
  async terminate(): Promise<number | null> {
    const ended = this.ended();
    this.child?.kill('SIGTERM');
    return ended;
  }

  async stop(): Promise<void> {
    const code = await this.terminate();
    if (code !== 0) process.stderr.write(`Rekindle ended with ${code}:\n${this.output.slice(-5_000)}\n`);
    if (!this.env['DATA_DIR']) await rm(this.dataDir, { recursive: true, force: true });
  }

  async api(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.adminKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      json: text === '' ? null : JSON.parse(text),
    };
  }

  async newProject(timeZone = 'UTC'): Promise<TestProject> {
    const slug = `p${Date.now().toString(36)}${this.projects++}`;
    const made = await this.api('POST', 'projects', { slug, name: slug, timeZone });
    if (made.status !== 201) throw new Error(`project: ${made.status} ${JSON.stringify(made.json)}`);
    return {
      slug,
      api: (method, path, body, headers) => this.api(method, `projects/${slug}/${path}`, body, headers),
    };
  }

  /** Sends SensorsData records as a server SDK does. */
  async sendEvents(slug: string, records: readonly Record<string, unknown>[]): Promise<Response> {
    const data = Buffer.from(JSON.stringify(records)).toString('base64');
    return fetch(`${this.url}/sa?project=${slug}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ data_list: data, gzip: '0' }).toString(),
    });
  }

  private async readUrl(child: ChildProcess): Promise<string> {
    const until = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < until) {
      const url = /Rekindle is up at \S+ on port (\d+)/.exec(this.output);
      if (url) return `http://127.0.0.1:${url[1]}`;
      if (child.exitCode !== null) break;
      await new Promise((done) => setTimeout(done, 20));
    }
    child.kill('SIGKILL');
    throw new Error(`Rekindle did not start:\n${this.output}`);
  }

  private ended(): Promise<number | null> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null)
      return Promise.resolve(child?.exitCode ?? null);
    return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  }
}

/** With passwords, secret and owners, where it is a copy; ports are chosen at every start, and the lock went at the stop. */
async function makeFolder(env: Record<string, string>, isFirst: boolean): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-test-'));
  // As root, PostgreSQL runs under another user, who has to get into the folder.
  await chmod(folder, 0o755);
  const template = process.env['TEST_TEMPLATE_DIR'];
  const isLikeTemplate = !isFirst && !OF_THE_FIRST_START.some((name) => name in env);
  if (template !== undefined && isLikeTemplate)
    await run('cp', ['-a', '--reflink=auto', `${template}/.`, folder]);
  return folder;
}

export function startRekindle(env: Record<string, string> = {}): Promise<Rekindle> {
  return Rekindle.start(env);
}

/** Like `startRekindle`, and always on an empty folder. */
export function startRekindleAnew(env: Record<string, string> = {}): Promise<Rekindle> {
  return Rekindle.start(env, true);
}

/** Asks again until the answer is truthy; an exception within the time counts as not yet. */
export async function waitFor<T>(ask: () => Promise<T>, timeoutMs = 60_000): Promise<NonNullable<T>> {
  const until = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer as NonNullable<T>;
    } catch (error) {
      last = error;
    }
    if (Date.now() > until)
      throw new Error(`It did not come about within ${timeoutMs} ms. ${String(last ?? '')}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** A record as a server SDK sends it. */
export function track(
  distinctId: string,
  event: string,
  properties: Record<string, unknown> = {},
  time = Date.now(),
) {
  return {
    type: 'track',
    distinct_id: distinctId,
    event,
    time,
    time_free: true,
    _track_id: Math.floor(Math.random() * 2 ** 31),
    lib: { $lib: 'Node', $lib_version: '1.2.6', $lib_method: 'code' },
    properties,
  };
}

export function profileSet(distinctId: string, properties: Record<string, unknown>, time = Date.now()) {
  return {
    type: 'profile_set',
    distinct_id: distinctId,
    time,
    _track_id: Math.floor(Math.random() * 2 ** 31),
    lib: { $lib: 'Node', $lib_version: '1.2.6', $lib_method: 'code' },
    properties,
  };
}
