import { createHash } from 'node:crypto';
import 'reflect-metadata';
import { connectDatabase } from '../../src/app/migrations.js';
import { ClickHouse } from '../../src/platform/clickhouse/clickhouse.js';
import { Config } from '../../src/platform/config/config.js';
import { MemberStore } from '../../src/segment/data/member-store.js';
import { RunRetentionRepository } from '../../src/segment/data/run-retention.repository.js';
import { RunRetention } from '../../src/segment/run-retention.service.js';
import { StoppedClock } from '../support/held-queue.js';
import {
  profileSet,
  type Rekindle,
  startRekindle,
  type TestProject,
  track,
  waitFor,
} from '../support/rekindle.js';
import { clickhouseUrlOf, databaseUrlOf, queryClickHouse } from '../support/stores.js';

const PAID = { event: 'pay', window: 'all_time', compare: { op: 'at_least', value: 1 } };
const DAY_MS = 86_400_000;
const HEAVY_ROWS = 300_000;

describe('Runs of segments', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  const url = (segmentId: string, rest = '') => `segments/${segmentId}${rest}`;

  beforeAll(async () => {
    rekindle = await startRekindle({ SEGMENT_HEAVY_ROWS: '60000', SEGMENT_MAX_ROWS: '5000000' });
    project = await rekindle.newProject();
    await rekindle.sendEvents(
      project.slug,
      ['ada', 'bea', 'cid'].map((name) => track(name, 'pay', { amount: 5, method: 'card' })),
    );
    await rekindle.sendEvents(project.slug, [profileSet('ada', { city: 'Shenzhen, "Nanshan"', age: 41 })]);
    const definition = { version: 1, where: PAID };
    await waitFor(
      async () => (await project.api('POST', 'segments/preview', { definition })).json.count === 3,
    );
    // It comes behind the events, and is read by forecasts and exports.
    const ofCity = { version: 1, where: { profile: { property: 'city', op: 'is_set' } } };
    await waitFor(
      async () => (await project.api('POST', 'segments/preview', { definition: ofCity })).json.count === 1,
    );
  }, 120_000);
  afterAll(() => rekindle?.stop());

  async function createSegment(where: unknown = PAID, more: Record<string, unknown> = {}, of = project) {
    const made = await of.api('POST', 'segments', {
      name: `s ${Math.random()}`,
      definition: { version: 1, where },
      ...more,
    });
    expect(made.status).toBe(201);
    return made.json;
  }

  async function startRun(segmentId: string, body: Record<string, unknown> = {}, of = project) {
    const { status, json } = await of.api('POST', url(segmentId, '/runs'), body);
    expect(status).toBe(202);
    return json;
  }

  function ended(run: { id: string; segmentId: string }, of = project) {
    return waitFor(async () => {
      const { json } = await of.api('GET', url(run.segmentId, `/runs/${run.id}`));
      return ['done', 'failed', 'cancelled'].includes(json.state) ? json : null;
    });
  }

  it('tell what they would read before, and what they read after', async () => {
    const definition = { version: 1, where: PAID };
    const forecast = await project.api('POST', 'segments/forecast', { definition });
    expect(forecast.status).toBe(200);
    expect(forecast.json).toMatchObject({ lane: 'light', maxRows: 5_000_000, refusal: null });
    expect(forecast.json.rows).toBeGreaterThanOrEqual(3);
    const preview = await project.api('POST', 'segments/preview', { definition });
    expect(preview.json.forecast.rows).toBe(forecast.json.rows);

    const segment = await createSegment();
    expect(segment.forecast.rows).toBeGreaterThanOrEqual(3);
    const run = await ended(await startRun(segment.id));
    expect(run).toMatchObject({ state: 'done', lane: 'light', priority: 'normal', memberCount: 3 });
    expect(run.rowsForecast).toBeGreaterThanOrEqual(run.rowsRead);
    expect(Math.min(run.rowsRead, run.bytesRead, run.peakMemoryBytes)).toBeGreaterThan(0);
    expect(run.elapsedMs).toEqual(expect.any(Number));
  });

  it('that are heavy do not hold up light ones, can be cancelled, and end in ClickHouse too', async () => {
    const heavy = await rekindle.newProject();
    await rekindle.sendEvents(heavy.slug, [track('seed', 'tick')]);
    const projectId = await waitFor(async () => {
      const [row] = await queryClickHouse<{ id: number }>(
        rekindle,
        `SELECT max(project_id) AS id FROM event WHERE event = 'tick'`,
      );
      return row?.id;
    });
    await insertLongTexts(projectId);
    const segment = await createSegment({ any: slowConditions() }, {}, heavy);
    expect(segment.forecast).toMatchObject({ lane: 'heavy', refusal: null });
    const run = await startRun(segment.id, {}, heavy);
    await waitFor(
      async () => (await heavy.api('GET', url(segment.id, `/runs/${run.id}`))).json.state === 'running',
    );

    const light = await ended(await startRun((await createSegment()).id));
    expect(light.state).toBe('done');
    const cancelled = await heavy.api('POST', url(segment.id, `/runs/${run.id}/cancel`));
    expect(cancelled.json).toMatchObject({ state: 'cancelled', lane: 'heavy', memberCount: null });
    // Less than the run would take if it went on.
    await waitFor(async () => {
      const queries = await queryClickHouse(
        rekindle,
        `SELECT 1 FROM system.processes WHERE query LIKE 'INSERT INTO segment_member%'`,
      );
      return queries.length === 0;
    }, 25_000);
    expect((await heavy.api('POST', url(segment.id, `/runs/${run.id}/cancel`))).status).toBe(200);
    // Asked for again, it is queued anew.
    expect(await startRun(segment.id, { asOf: run.asOf }, heavy)).toMatchObject({
      id: run.id,
      state: 'queued',
    });
    await heavy.api('POST', url(segment.id, `/runs/${run.id}/cancel`));
  }, 180_000);

  /** Rows whose text takes ClickHouse long to look through. */
  async function insertLongTexts(projectId: number) {
    const clickhouse = new ClickHouse({ url: await clickhouseUrlOf(rekindle), database: 'rekindle' });
    await clickhouse.command(
      `INSERT INTO event (project_id, event, user_id, time, event_id, properties)
       SELECT {project:UInt32}, 'tick', number, now(), generateUUIDv4(), concat('{"text":"', repeat('a', 2000), 'z"}')
       FROM numbers({rows:UInt32})`,
      { project: projectId, rows: HEAVY_ROWS },
    );
    await clickhouse.close();
  }

  function slowConditions() {
    const filters = (from: number) =>
      Array.from({ length: 50 }, (_, index) => ({
        property: 'text',
        op: 'contains',
        value: `${'a'.repeat(from + index + 1)}z`,
      }));
    return Array.from({ length: 5 }, (_, index) => ({
      event: 'tick',
      where: filters(index * 50),
      window: 'all_time',
      compare: { op: 'at_least', value: 2 },
    }));
  }

  it('keep to the limits of the project, and name the limit', async () => {
    const limited = await rekindle.newProject();
    await rekindle.sendEvents(
      limited.slug,
      ['x', 'y'].map((name) => track(name, 'pay')),
    );
    const definition = { version: 1, where: PAID };
    await waitFor(
      async () => (await limited.api('POST', 'segments/preview', { definition })).json.count === 2,
    );
    const segment = await createSegment(PAID, {}, limited);
    const members = await limited.api('PUT', 'segment-limits', { maxRows: null, maxMembers: 1 });
    expect(members.json).toMatchObject({
      maxMembers: 1,
      source: { maxMembers: 'project', maxRows: 'installation' },
    });
    const tooMany = await ended(await startRun(segment.id, {}, limited), limited);
    expect(tooMany).toMatchObject({ state: 'failed', attempts: 1 });
    expect(tooMany.error).toContain("the project's limit maxMembers is 1");

    await limited.api('PUT', 'segment-limits', { maxRows: 1, maxMembers: null });
    for (const path of ['segments/preview', url(segment.id, '/runs')]) {
      const refused = await limited.api('POST', path, path.endsWith('preview') ? { definition } : {});
      expect(refused.status).toBe(422);
      expect(refused.json).toMatchObject({ code: 'segment_too_expensive' });
      expect(refused.json.detail).toContain("the project's limit maxRows is 1.");
    }
    const saved = await createSegment(PAID, {}, limited);
    expect(saved.forecast.refusal).toContain('maxRows is 1');
  });

  it.each([
    ['the future', () => new Date(Date.now() + DAY_MS).toISOString(), 'in_the_future'],
    ['long before anything', () => '0001-01-01T00:00:00Z', 'too_early'],
  ])('are refused as of %s', async (_, asOf, code) => {
    const answer = await project.api('POST', url((await createSegment()).id, '/runs'), { asOf: asOf() });
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ pointer: '/asOf', code }]);
  });

  it('of one project do not wait for the many of another', async () => {
    const flooding = await rekindle.newProject();
    const segments = await Promise.all(
      Array.from({ length: 20 }, () => createSegment(PAID, { priority: 'high' }, flooding)),
    );
    await Promise.all(
      segments.flatMap(({ id }) =>
        Array.from({ length: 6 }, (_, day) =>
          startRun(id, { asOf: new Date(Date.now() - day * DAY_MS).toISOString() }, flooding),
        ),
      ),
    );
    const single = await ended(await startRun((await createSegment(PAID, { priority: 'low' })).id));
    const runs: { state: string; startedAt: string | null }[] = (
      await Promise.all(
        segments.map(async ({ id }) => (await flooding.api('GET', url(id, '/runs'))).json.items),
      )
    ).flat();
    // Counted and not timed: how long a place is taken, and a run takes, is a matter of the machine.
    const letPass = runs.filter(
      ({ startedAt }) => startedAt !== null && startedAt > single.queuedAt && startedAt < single.startedAt,
    );
    expect(letPass.length).toBeLessThan(10);
    expect(runs.filter(({ state }) => state === 'queued').length).toBeGreaterThan(20);
  }, 120_000);

  it('tell the history of a segment: sizes, who entered and left, and who was in at a moment', async () => {
    const shop = await rekindle.newProject();
    const daysAgo = (days: number) => Date.now() - days * DAY_MS;
    await rekindle.sendEvents(shop.slug, [
      track('early', 'pay', {}, daysAgo(20)),
      track('late', 'pay', {}, daysAgo(2)),
      track('late too', 'pay', {}, daysAgo(2)),
    ]);
    const where = { event: 'pay', window: { last: { days: 10 } }, compare: { op: 'at_least', value: 1 } };
    const definition = { version: 1, where };
    // What is of several months is seen month by month: each of the payments has to be there.
    const ever = { version: 1, where: PAID };
    await waitFor(async () => {
      const found = await Promise.all(
        [definition, ever].map((each) => shop.api('POST', 'segments/preview', { definition: each })),
      );
      return found[0]?.json.count === 2 && found[1]?.json.count === 3;
    });
    const segment = await createSegment(where, {}, shop);
    const path = (rest: string) => url(segment.id, rest);
    const past = new Date(daysAgo(15)).toISOString();
    const first = await ended(await startRun(segment.id, { asOf: past }, shop), shop);
    const second = await ended(await startRun(segment.id, {}, shop), shop);
    expect(second.comparedRunId).toBe(first.id);

    const sizes = await shop.api('GET', path('/sizes'));
    expect(sizes.json).toEqual({
      items: [
        { runId: first.id, asOf: first.asOf, version: 1, members: 1, entered: 1, exited: 0 },
        { runId: second.id, asOf: second.asOf, version: 1, members: 2, entered: 2, exited: 1 },
      ],
      nextCursor: null,
    });
    const page = (await shop.api('GET', path('/sizes?limit=1'))).json;
    const next = await shop.api('GET', path(`/sizes?limit=1&cursor=${page.nextCursor}`));
    expect(next.json.items).toEqual([sizes.json.items[1]]);
    const later = await shop.api('GET', path(`/sizes?from=${new Date(daysAgo(5)).toISOString()}`));
    expect(later.json.items).toHaveLength(1);

    const users = async (rest: string) =>
      (await shop.api('GET', path(rest))).json.items.map(({ userId }: { userId: string }) => userId);
    const [early] = await users(`/runs/${first.id}/members`);
    expect(await users(`/runs/${second.id}/exited`)).toEqual([early]);
    expect(await users(`/runs/${first.id}/exited`)).toEqual([]);
    const entered = await users(`/runs/${second.id}/entered`);
    expect(entered).toEqual(await users(`/runs/${second.id}/members`));
    const one = (await shop.api('GET', path(`/runs/${second.id}/entered?limit=1`))).json;
    expect(await users(`/runs/${second.id}/entered?cursor=${one.nextCursor}`)).toEqual([entered[1]]);

    const asOf = (await shop.api('GET', path(`/members?asOf=${new Date(daysAgo(9)).toISOString()}`))).json;
    expect(asOf).toMatchObject({ runId: first.id, asOf: first.asOf, items: [{ userId: early }] });
    const now = (await shop.api('GET', path('/members?limit=1'))).json;
    expect(now).toMatchObject({ runId: second.id, items: [{ userId: entered[0] }] });
    expect(await users(`/members?cursor=${now.nextCursor}`)).toEqual([entered[1]]);
    const before = await shop.api('GET', path(`/members?asOf=${new Date(daysAgo(16)).toISOString()}`));
    expect(before.status).toBe(404);
    expect(before.json.detail).toContain('No run of the segment has finished as of');

    const exported = await fetch(
      `${rekindle.url}/api/v1/projects/${shop.slug}/${path(`/runs/${second.id}/export?format=csv&which=exited`)}`,
      { headers: { authorization: `Bearer ${rekindle.adminKey}` } },
    );
    expect(await exported.text()).toBe(`"user_id"\n"${early}"\n`);

    const keptMs = Date.parse(first.membersKeptUntil) - Date.parse(first.finishedAt);
    expect(keptMs).toBe(90 * DAY_MS);
    await dropOldMembers();
    const dropped = await shop.api('GET', path(`/runs/${first.id}/members`));
    expect(dropped.status).toBe(410);
    expect(dropped.json).toMatchObject({ code: 'members_dropped' });
    expect((await shop.api('GET', path(`/runs/${second.id}/exited`))).status).toBe(410);
    expect(await users(`/runs/${second.id}/members`)).toEqual(entered);
    const stored = await queryClickHouse(
      rekindle,
      `SELECT 1 FROM segment_member WHERE run_id = '${first.id}' LIMIT 1`,
    );
    expect(stored).toEqual([]);
    const memberships = (await shop.api('GET', path(`/members/${early}/runs`))).json.items;
    expect(memberships.map(({ isMember }: { isMember: boolean | null }) => isMember)).toEqual([false, null]);
  });

  /** What the upkeep does, a hundred days later, where one run of each segment is kept. */
  async function dropOldMembers() {
    const db = await connectDatabase(await databaseUrlOf(rekindle), 2);
    const clickhouse = new ClickHouse({ url: await clickhouseUrlOf(rekindle), database: 'rekindle' });
    const clock = new StoppedClock();
    clock.advance(100 * DAY_MS);
    const config = Config.parse({ SEGMENT_RUNS_KEPT: '1' });
    const members = new MemberStore(clickhouse);
    await new RunRetention(clock, config, new RunRetentionRepository(db), members).dropOld();
    await Promise.all([db.close(), clickhouse.close()]);
  }

  it.each([
    [
      'a filter on text, where there are only numbers',
      { ...PAID, where: [{ property: 'amount', op: 'contains', value: '5' }] },
      { pointer: '/definition/where/where/0/property', code: 'type_never_matches' },
    ],
    [
      'a number to equal, where there is only text',
      { ...PAID, where: [{ property: 'method', op: 'equals', value: 5 }] },
      { pointer: '/definition/where/where/0/property', code: 'type_never_matches' },
    ],
    [
      'a sum of text',
      { ...PAID, measure: { fn: 'sum', property: 'method' } },
      { pointer: '/definition/where/measure/property', code: 'type_never_matches' },
    ],
    [
      'a window that has not begun',
      { ...PAID, window: { from: '2199-01-01', to: '2199-02-01' } },
      { pointer: '/definition/where/window/from', code: 'window_in_future' },
    ],
    ['what fits', { ...PAID, where: [{ property: 'amount', op: 'in', values: ['x', 5] }] }, null],
  ])('are warned of %s', async (_, where, warning) => {
    const { json } = await project.api('POST', 'segments/preview', { definition: { version: 1, where } });
    expect(json.warnings).toEqual(warning ? [expect.objectContaining(warning)] : []);
  });

  it.each([
    ['too deep', () => Array.from({ length: 1_000 }).reduce((inner) => ({ none: [inner] }), PAID as unknown)],
    ['with too many conditions', () => ({ any: Array.from({ length: 101 }, () => PAID) })],
    ['too large', () => ({ ...PAID, event: 'x'.repeat(60_000) })],
  ])('are refused %s, with the place and the limit', async (_, make) => {
    const definition = { version: 1, where: make() };
    const answer = await project.api('POST', 'segments/preview', { definition });
    expect(answer.status).toBe(422);
    expect(answer.json.errors[0].pointer).toMatch(/^\/definition\/where/);
    expect(answer.json.errors[0].detail).toMatch(/at most \d+/);
  });

  it('are written into files, with values of the profile, and the file is what it says', async () => {
    const segment = await createSegment();
    const run = await ended(await startRun(segment.id));
    const exportRun = async (body: Record<string, unknown>) => {
      const started = await project.api('POST', url(segment.id, `/runs/${run.id}/exports`), body);
      expect(started.status).toBe(202);
      expect(started.json).toMatchObject({ rowsWritten: 0, rowsTotal: 3, sha256: null });
      return waitFor(async () => {
        const { json } = await project.api('GET', `exports/${started.json.id}`);
        return ['done', 'failed'].includes(json.state) ? json : null;
      });
    };
    const download = async (id: string) =>
      Buffer.from(
        await (
          await fetch(`${rekindle.url}/api/v1/projects/${project.slug}/exports/${id}/download`, {
            headers: { authorization: `Bearer ${rekindle.adminKey}` },
          })
        ).arrayBuffer(),
      );

    const csv = await exportRun({ format: 'csv', columns: ['city', 'age'] });
    expect(csv).toMatchObject({ state: 'done', rowsWritten: 3, error: null });
    const bytes = await download(csv.id);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(csv.sha256);
    expect(bytes.length).toBe(csv.sizeBytes);
    const [head, ...lines] = bytes.toString().trim().split('\n');
    expect(head).toBe('"user_id","city","age"');
    expect(lines.map((line) => line.replace(/usr_\d+/, 'usr')).sort()).toEqual([
      '"usr","",""',
      '"usr","",""',
      '"usr","Shenzhen, ""Nanshan""","41"',
    ]);

    const jsonl = await exportRun({ format: 'jsonl', which: 'entered', columns: ['city', 'age'] });
    const rows = (await download(jsonl.id))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows).toContainEqual({ user_id: expect.any(String), city: 'Shenzhen, "Nanshan"', age: 41 });
    const parquet = await exportRun({ format: 'parquet', columns: ['city'] });
    expect(parquet.rowsWritten).toBe(3);
    expect((await download(parquet.id)).subarray(0, 4).toString()).toBe('PAR1');
    const none = await exportRunOf('exited');
    expect(none).toMatchObject({ rowsTotal: 0 });

    const listed = (await project.api('GET', 'exports?limit=500')).json.items;
    expect(listed.map(({ id }: { id: string }) => id)).toContain(csv.id);
    const other = await rekindle.newProject();
    expect((await other.api('GET', `exports/${csv.id}`)).status).toBe(404);
    expect((await other.api('GET', `exports/${csv.id}/download`)).status).toBe(404);
    expect((await project.api('POST', `exports/${csv.id}/cancel`)).status).toBe(409);
    const twice = { format: 'csv', columns: ['city', 'city'] };
    expect((await project.api('POST', url(segment.id, `/runs/${run.id}/exports`), twice)).status).toBe(422);

    async function exportRunOf(which: string) {
      const { json } = await project.api('POST', url(segment.id, `/runs/${run.id}/exports`), {
        format: 'csv',
        which,
      });
      return json;
    }
  });

  it('keep their exports when the process is killed, and begin those under way again', async () => {
    const segment = await createSegment();
    const run = await ended(await startRun(segment.id));
    const ids = await Promise.all(
      ['csv', 'jsonl'].map(async (format) => {
        const path = url(segment.id, `/runs/${run.id}/exports`);
        return (await project.api('POST', path, { format, columns: ['city'] })).json.id;
      }),
    );
    await rekindle.kill();
    await rekindle.launch();
    // What a dead worker held would be free a minute later.
    const db = await connectDatabase(await databaseUrlOf(rekindle), 2);
    await db.execute(`UPDATE segment_export SET lease_until = now() WHERE state = 'running'`);
    await db.close();
    for (const id of ids) {
      const done = await waitFor(async () => {
        const { json } = await project.api('GET', `exports/${id}`);
        return json.state === 'done' ? json : null;
      }, 120_000);
      expect(done).toMatchObject({ rowsWritten: 3 });
    }
  }, 150_000);
});
