import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Rekindle, startRekindle, track, waitFor } from '../support/rekindle.js';
import { clickhouseUrlOf, databaseUrlOf } from '../support/stores.js';

/** What a service counts, by name and labels. */
async function count(rekindle: Rekindle, series: string): Promise<number> {
  const text = await (await fetch(`${rekindle.url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length) ?? 0);
}

describe.each(['on', 'off'])('the flow with INGEST_THREAD=%s', (INGEST_THREAD) => {
  let rekindle: Rekindle;

  beforeAll(async () => {
    rekindle = await startRekindle({ INGEST_THREAD });
  });
  afterAll(() => rekindle.stop());

  it('is counted in the metrics of the process, beside what SDKs are answered', async () => {
    const project = await rekindle.newProject();
    await rekindle.sendEvents(project.slug, [track('visitor', 'Visit'), track('visitor', 'Visit')]);
    const stored = 'flow_outcome_total{flow="ingest",step="store",kind="ok",reason=""}';
    await waitFor(async () => (await count(rekindle, stored)) === 2);
    expect(await count(rekindle, 'collect_requests_total{source="sensorsdata",answer="stored"}')).toBe(1);
    expect(await count(rekindle, 'journal_backlog_bytes')).toBeGreaterThanOrEqual(0);
  });

  it('follows at once what the API changes', async () => {
    const project = await rekindle.newProject();
    const send = (event: string) =>
      rekindle.sendEvents(project.slug, [track('visitor', event, { plan: 'Gold' })]);
    const planOf = (event: string) =>
      waitFor(async () => {
        const users = await project.api('GET', 'users?identity=$identity_anonymous_id:visitor');
        const [user] = users.json.items;
        const events = user ? (await project.api('GET', `users/${user.id}/timeline`)).json.items : [];
        return events.find((each: { event: string }) => each.event === event)?.properties;
      });
    // So that what the project derives is in memory.
    await send('Before');
    expect(await planOf('Before')).not.toHaveProperty('plan_lower');
    const derived = { source: 'plan', target: 'plan_lower', steps: [{ op: 'lower_case' }] };
    expect((await project.api('POST', 'derived-properties', derived)).status).toBe(201);
    await send('After');
    expect(await planOf('After')).toMatchObject({ plan_lower: 'gold' });
  });

  it('ends the batches under way when the service stops, and loses none', async () => {
    const project = await rekindle.newProject();
    const events = Array.from({ length: 50 }, (_, i) => track(`stopped-${i}`, 'Stopped'));
    for (let i = 0; i < 5; i++)
      await rekindle.sendEvents(
        project.slug,
        events.map((event) => ({ ...event })),
      );
    expect(await rekindle.terminate()).toBe(0);
    expect(rekindle.output).not.toMatch(/ended|took too long/);
    await rekindle.launch();
    await waitFor(
      async () =>
        (await project.api('GET', 'users?identity=$identity_anonymous_id:stopped-49')).json.items.length ===
        1,
    );
  });
});

/** Loaded into the service: its thread fails when the file is there. */
const FAIL_IN_THREAD = `
  import { existsSync } from 'node:fs';
  import { isMainThread } from 'node:worker_threads';
  const look = () => { if (existsSync(process.env.FAIL_FILE)) throw new Error('as the test wants it'); };
  if (!isMainThread) setInterval(look, 50);`;

describe('a thread of the flow that fails', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rekindle-fail-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('ends the process, and the next one finds what was acknowledged', async () => {
    const failing = await startRekindle({
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(FAIL_IN_THREAD)}`,
      FAIL_FILE: join(folder, 'fail'),
    });
    const project = await failing.newProject();
    await writeFile(join(folder, 'fail'), '');
    const isTaken = async (i: number) =>
      (await failing.sendEvents(project.slug, [track(`visitor-${i}`, 'Visit')])).status === 200;
    const taken: number[] = [];
    for (let i = 0; i < 500; i++) {
      if (await isTaken(i).catch(() => false)) taken.push(i);
      else break;
    }
    await waitFor(async () => failing.output.includes('the thread of the ingest flow ended'));
    expect(await failing.terminate()).toBe(1);
    expect(failing.output).toContain('as the test wants it');

    const next = await startRekindle({ DATA_DIR: failing.dataDir });
    for (const i of taken) {
      await waitFor(async () => {
        const path = `projects/${project.slug}/users?identity=$identity_anonymous_id:visitor-${i}`;
        return (await next.api('GET', path)).json.items.length === 1;
      });
    }
    await next.stop();
    await failing.stop();
  });
});

/** One process as the whole but its front door, another as the front door, on the same stores by URL. */
describe('roles and stores by URL', () => {
  const SECRET_KEY = 'a-secret-key-that-both-share-0123456789';
  let back: Rekindle;
  let front: Rekindle;
  let stores: Record<string, string>;

  beforeAll(async () => {
    back = await startRekindle({ ROLE: 'api,worker,scheduler', SECRET_KEY });
    stores = {
      DATABASE_URL: await databaseUrlOf(back),
      CLICKHOUSE_URL: await clickhouseUrlOf(back),
      SECRET_KEY,
    };
    front = await startRekindle({ ROLE: 'collect', ...stores });
  });
  afterAll(async () => {
    await front?.stop();
    await back.stop();
  });

  it('brings events from the front door to the timeline', async () => {
    const project = await back.newProject();
    await waitFor(async () => {
      await front.sendEvents(project.slug, [track('visitor', 'Visit')]);
      const { items } = (await project.api('GET', 'users?identity=$identity_anonymous_id:visitor')).json;
      return items.length === 1;
    });
  });

  it('serves in each process what its role is, and nothing else', async () => {
    expect((await fetch(`${back.url}/sa?project=default`)).status).toBe(404);
    expect((await fetch(`${back.url}/t/x`)).status).toBe(404);
    expect((await front.api('GET', 'projects')).status).toBe(404);
    expect((await fetch(`${front.url}/docs`)).status).toBe(404);
    expect((await fetch(`${front.url}/health/ready`)).status).toBe(200);
  });

  it('refuses to serve external stores with pending migrations, and says what to do', async () => {
    const start = startRekindle({ ...stores, CLICKHOUSE_DATABASE: 'untouched' });
    await expect(start).rejects.toThrow(
      'pending migrations in ClickHouse: make a backup, then run "npm run migrate"',
    );
  });

  it('says which store does not answer', async () => {
    const start = startRekindle({ ...stores, DATABASE_URL: 'postgres://nobody:x@127.0.0.1:9/none' });
    await expect(start).rejects.toThrow(/PostgreSQL cannot be used .*: check DATABASE_URL/);
  });
});
