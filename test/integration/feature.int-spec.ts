import { endLeases, makeDue } from '../support/make-due.js';
import { pretendReceivedInTime } from '../support/received-in-time.js';
import {
  profileSet,
  type Rekindle,
  startRekindle,
  type TestProject,
  track,
  waitFor,
} from '../support/rekindle.js';
import { untilStored } from '../support/stored-events.js';

const DAY_MS = 86_400_000;

describe('A feature set', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  const now = Date.now();
  const daysAgo = (days: number) => now - days * DAY_MS;
  const iso = (ms: number) => new Date(ms).toISOString();

  async function makeSet(definition: Record<string, unknown>, body: Record<string, unknown> = {}) {
    const made = await project.api('POST', 'feature-sets', {
      name: `set ${Math.random()}`,
      definition: { version: 1, ...definition },
      ...body,
    });
    expect(made.status).toBe(201);
    return made.json;
  }

  async function takeSnapshot(setId: string, body: Record<string, unknown> = {}) {
    const asked = await project.api('POST', `feature-sets/${setId}/snapshots`, body);
    expect(asked.status).toBe(202);
    return waitFor(async () => {
      const { json } = await project.api('GET', `feature-sets/${setId}/snapshots/${asked.json.id}`);
      return json.state === 'done' || json.state === 'failed' ? json : null;
    });
  }

  const path = (snapshot: { setId: string; id: string }, rest: string) =>
    `feature-sets/${snapshot.setId}/snapshots/${snapshot.id}/${rest}`;

  async function valuesOf(snapshot: { setId: string; id: string }, query = '') {
    const { status, json } = await project.api('GET', path(snapshot, `values${query}`));
    expect(status).toBe(200);
    return json.items as { userId: string; values: Record<string, number | string | null>; label?: number }[];
  }

  const download = (snapshot: { setId: string; id: string }, query: string) =>
    fetch(`${rekindle.url}/api/v1/projects/${project.slug}/${path(snapshot, `export?${query}`)}`, {
      headers: { authorization: `Bearer ${rekindle.adminKey}` },
    });

  beforeAll(async () => {
    rekindle = await startRekindle();
    project = await rekindle.newProject('Asia/Shanghai');
    const records = [
      // Came every day until a week ago, and not since.
      ...Array.from({ length: 20 }, (_, day) => track('gone', 'view', { page: day % 3 }, daysAgo(20 + day))),
      // Came before and after.
      ...Array.from({ length: 20 }, (_, day) =>
        track('stays', 'pay', { amount: 10 + day }, daysAgo(1 + 2 * day)),
      ),
      ...Array.from({ length: 5 }, (_, user) => track(`u${user}`, 'view', {}, daysAgo(25 + user))),
      profileSet('stays', { age: 40, vip: true, born: '1990-01-01' }),
    ];
    expect((await rekindle.sendEvents(project.slug, records)).status).toBe(200);
    await untilStored(project, 45);
    const where = { event: 'never', window: 'all_time', compare: { op: 'at_most', value: 0 } };
    await waitFor(async () => {
      const { json } = await project.api('POST', 'segments/preview', { definition: { version: 1, where } });
      return json.count === 7;
    });
    const settings = await project.api('PUT', 'feature-settings', {
      spend: { event: 'pay', property: 'amount' },
    });
    expect(settings.status).toBe(200);
  });
  afterAll(() => rekindle?.stop());

  it('can use a library of more than a hundred documented features', async () => {
    const { json } = await project.api('GET', 'features');
    expect(json.items.length).toBeGreaterThanOrEqual(100);
    for (const feature of json.items) {
      expect(feature).toMatchObject({
        name: expect.stringMatching(/^[a-z]/),
        description: expect.stringMatching(/\.$/),
        unit: expect.any(String),
        nullRule: expect.any(String),
      });
    }
    const spend = await project.api('GET', 'features?family=spend');
    expect(spend.json.items.map(({ family }: { family: string }) => family)).toContain('spend');
    expect((await project.api('GET', 'features/orders_7d')).json.unit).toBe('events');
  });

  it('computes every feature of the library in one snapshot', async () => {
    const { json } = await project.api('GET', 'features');
    const families = [...new Set(json.items.map(({ family }: { family: string }) => family))].filter(
      (family) => family !== 'own',
    );
    const snapshot = await takeSnapshot((await makeSet({ families })).id);
    expect(snapshot).toMatchObject({ state: 'done', rowCount: 7, excluded: [], error: null });
    expect(snapshot.features.length).toBeGreaterThanOrEqual(100);
    expect(snapshot.sql).toContain('GROUP BY person');
    const rows = await valuesOf(snapshot);
    const stays = rows.find(({ values }) => Number(values['orders_7d']) > 0);
    expect(stays?.values).toMatchObject({ orders_7d: 3, spend_7d: 10 + 11 + 12, lifecycle: 'loyal' });
    expect(rows.map(({ values }) => values['lifecycle'])).toContain('at_risk');
  });

  it('has features of the project, with the filters of segments', async () => {
    const feature = {
      name: 'large_orders_30d',
      description: 'Payments of 15 and more.',
      definition: {
        version: 1,
        value: {
          event: 'pay',
          where: [{ property: 'amount', op: 'at_least', value: 15 }],
          window: { last: { days: 30 } },
          measure: { fn: 'count' },
        },
      },
    };
    const made = await project.api('POST', 'features', feature);
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      family: 'own',
      unit: 'events',
      nullRule: '0 where there are no events.',
    });
    expect((await project.api('POST', 'features', feature)).status).toBe(409);
    expect((await project.api('POST', 'features', { ...feature, name: 'lifecycle' })).status).toBe(409);

    const snapshot = await takeSnapshot((await makeSet({ features: ['large_orders_30d'] })).id);
    const rows = await valuesOf(snapshot);
    expect(rows.map(({ values }) => values['large_orders_30d']).sort()).toEqual([0, 0, 0, 0, 0, 0, 10]);
    expect((await project.api('DELETE', 'features/large_orders_30d')).status).toBe(204);
    expect((await project.api('GET', 'features/large_orders_30d')).status).toBe(404);
  });

  it('looks at nothing from the cutoff on, neither events nor users', async () => {
    const set = await makeSet({ features: ['events_30d', 'days_since_last_event'], asKnown: false });
    const snapshot = await takeSnapshot(set.id, { cutoff: iso(daysAgo(26.5)) });
    const rows = await valuesOf(snapshot);
    // u0 and u1 came 25 and 26 days ago for the first time.
    expect(rows).toHaveLength(5);
    for (const { values } of rows) expect(values['days_since_last_event']).toBeGreaterThanOrEqual(0.4);
  });

  it('leaves out what was received too late, and says how much', async () => {
    const set = await makeSet({ features: ['events_30d'] });
    const snapshot = await takeSnapshot(set.id, { cutoff: iso(daysAgo(10)) });
    expect(snapshot).toMatchObject({ state: 'done', rowCount: 0 });
    expect(snapshot.lateCount).toBeGreaterThan(30);
  });

  it('refuses the profile for a past cutoff, or leaves it out with the reason', async () => {
    await project.api('POST', 'features', {
      name: 'age',
      definition: { version: 1, value: { profileNumber: 'age' } },
    });
    const set = await makeSet({ features: ['age', 'events_30d'], asKnown: false });
    const body = { cutoff: iso(daysAgo(10)) };
    const refused = await project.api('POST', `feature-sets/${set.id}/snapshots`, body);
    expect(refused.status).toBe(422);
    expect(refused.json.errors[0]).toMatchObject({ pointer: '/cutoff', code: 'not_as_of' });

    const past = await takeSnapshot(set.id, { ...body, excludeNotAsOf: true });
    expect(past).toMatchObject({
      features: ['events_30d'],
      excluded: [{ name: 'age', reason: 'not_as_of' }],
    });
    const present = await takeSnapshot(set.id);
    expect(present).toMatchObject({ features: ['age', 'events_30d'], excluded: [] });
    expect((await valuesOf(present)).map(({ values }) => values['age'])).toContain(40);
  });

  it('has labels once their window is over, and refuses them before', async () => {
    const label = { absent: { event: '*', days: 14 }, allowanceDays: 1 };
    const set = await makeSet({ features: ['events_30d', 'days_since_last_event'], asKnown: false, label });
    const early = await takeSnapshot(set.id, { cutoff: iso(daysAgo(14.5)) });
    const refused = await project.api('GET', path(early, 'values?labels=true'));
    expect(refused.status).toBe(409);
    expect(refused.json.code).toBe('label_not_known_yet');
    expect(Date.parse(early.labelKnownAt)).toBe(Date.parse(early.cutoff) + 15 * DAY_MS);
    expect((await project.api('GET', path(early, 'report'))).status).toBe(409);
  });

  it('tells each feature by its outcome, and how it drifted', async () => {
    // Events that arrive now cannot have been known to an old label: they are stored as if they had come in time.
    await pretendReceivedInTime(rekindle);
    const label = { absent: { event: '*', days: 14 }, allowanceDays: 1 };
    const set = await makeSet({ features: ['events_30d', 'days_since_last_event', 'gap_mean_30d'], label });
    const snapshot = await takeSnapshot(set.id, { cutoff: iso(daysAgo(19.5)) });
    const rows = await valuesOf(snapshot, '?labels=true');
    expect(rows).toHaveLength(7);
    expect(rows.filter(({ label }) => label === 0)).toHaveLength(1);

    const { json, status } = await project.api('GET', path(snapshot, 'report'));
    expect(status).toBe(200);
    expect(json.items).toHaveLength(3);
    for (const item of json.items) {
      expect(item.bins.reduce((sum: number, bin: { rows: number }) => sum + bin.rows, 0)).toBe(7);
      expect(item.bins.reduce((sum: number, bin: { notReturned: number }) => sum + bin.notReturned, 0)).toBe(
        6,
      );
    }
    const one = await project.api('GET', path(snapshot, 'report?feature=days_since_last_event'));
    expect(one.json.items).toHaveLength(1);
    expect(one.json.items[0].auc).toEqual(expect.any(Number));

    const later = await takeSnapshot(set.id, { cutoff: iso(daysAgo(0.5)) });
    const drift = await project.api('GET', path(later, `drift?base=${snapshot.id}`));
    expect(drift.status).toBe(200);
    const moved = drift.json.items.find(
      ({ feature }: { feature: string }) => feature === 'days_since_last_event',
    );
    expect(moved.stability).toBeGreaterThan(0.25);
    expect(moved.present.mean).toBeGreaterThan(moved.base.mean);
    const same = await project.api('GET', path(later, `drift?base=${later.id}`));
    for (const item of same.json.items) expect(item.stability).toBeCloseTo(0);
  });

  it('is exported as CSV, JSON lines and Parquet', async () => {
    const set = await makeSet({ features: ['events_30d', 'lifecycle', 'spend_avg_30d'] });
    const snapshot = await takeSnapshot(set.id);
    const csv = await download(snapshot, 'format=csv');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('content-disposition')).toContain(`${snapshot.id}.csv`);
    const lines = (await csv.text()).trimEnd().split('\n');
    expect(lines[0]).toBe('"user_id","events_30d","lifecycle","spend_avg_30d"');
    expect(lines).toHaveLength(8);
    expect(lines.slice(1).filter((line) => line.endsWith(',')).length).toBe(6);
    const json = (await (await download(snapshot, 'format=jsonl')).text()).trimEnd().split('\n');
    expect(JSON.parse(json[0] ?? '')).toEqual({
      user_id: expect.stringMatching(/^usr_\d+$/),
      events_30d: expect.any(Number),
      lifecycle: expect.any(String),
      spend_avg_30d: null,
    });
    const parquet = Buffer.from(await (await download(snapshot, 'format=parquet')).arrayBuffer());
    expect(parquet.subarray(0, 4).toString()).toBe('PAR1');
    expect(parquet.subarray(-4).toString()).toBe('PAR1');
    expect((await download(snapshot, 'format=xlsx')).status).toBe(422);
    expect((await download(snapshot, 'labels=true')).status).toBe(409);
  });

  it('shows the values of one user', async () => {
    const set = await makeSet({ features: ['events_30d'] });
    const [row] = await valuesOf(await takeSnapshot(set.id));
    const { json } = await project.api('GET', `feature-sets/${set.id}/users/${row?.userId}`);
    expect(json.values).toEqual(row?.values);
    const stranger = await project.api('GET', `feature-sets/${set.id}/users/usr_999999`);
    expect(stranger.json.values).toBeNull();
  });

  it('gives its values page by page', async () => {
    const set = await makeSet({ features: ['events_30d'] });
    const snapshot = await takeSnapshot(set.id);
    const first = await project.api('GET', path(snapshot, 'values?limit=4'));
    const second = await project.api('GET', path(snapshot, `values?limit=4&cursor=${first.json.nextCursor}`));
    const ids = [...first.json.items, ...second.json.items].map(({ userId }: { userId: string }) => userId);
    expect(new Set(ids).size).toBe(7);
    expect(second.json.nextCursor).toBeNull();
  });

  it('takes snapshots by its schedule', async () => {
    const set = await makeSet({ features: ['events_30d'] }, { schedule: { cron: '* * * * *' } });
    const dueAt = await makeDue(rekindle, 'feature_set', set.id);
    const snapshot = await waitFor(async () => {
      const { json } = await project.api('GET', `feature-sets/${set.id}/snapshots`);
      return json.items.find(
        ({ state, cutoff }: { state: string; cutoff: string }) => state === 'done' && cutoff >= dueAt,
      );
    });
    expect(snapshot).toMatchObject({ trigger: 'schedule', rowCount: 7 });
    expect(Date.parse(snapshot.cutoff) % 60_000).toBe(0);
    expect((await project.api('DELETE', `feature-sets/${set.id}`)).status).toBe(204);
    expect((await project.api('POST', `feature-sets/${set.id}/snapshots`, {})).status).toBe(409);
  });

  it('takes up changed settings when its definition is saved again', async () => {
    const definition = { version: 1, features: ['lifecycle'] };
    const set = await makeSet(definition);
    const changes = { definition };
    expect((await project.api('PATCH', `feature-sets/${set.id}`, changes)).json.version).toBe(1);
    const before = (await project.api('GET', 'feature-settings')).json;
    await project.api('PUT', 'feature-settings', {
      ...before,
      lifecycle: { ...before.lifecycle, loyalActiveDays: 29 },
    });
    expect((await project.api('PATCH', `feature-sets/${set.id}`, changes)).json.version).toBe(2);
    await project.api('PUT', 'feature-settings', before);
  });

  it.each([
    ['nothing to compute', { definition: { version: 1 } }, '/definition/features'],
    [
      'an unknown feature',
      { definition: { version: 1, features: ['lifecycle', 'luck'] } },
      '/definition/features/1',
    ],
    ['an unknown family', { definition: { version: 1, families: ['luck'] } }, '/definition/families/0'],
    [
      'a label of no days',
      { definition: { version: 1, features: ['lifecycle'], label: { absent: { event: '*', days: 0 } } } },
      '/definition/label/absent/days',
    ],
    ['a bad cron', { schedule: { cron: '0 0 0 0 0' } }, '/schedule/cron'],
    ['an unknown field', { colour: 'red' }, '/colour'],
  ])('is refused with %s, and the answer names the field', async (_, change, pointer) => {
    const answer = await project.api('POST', 'feature-sets', {
      name: 'bad',
      definition: { version: 1, features: ['lifecycle'] },
      ...change,
    });
    expect(answer.status).toBe(422);
    expect(answer.json.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('refuses features of spend in a project that did not say what a payment is', async () => {
    const other = await rekindle.newProject();
    const answer = await other.api('POST', 'feature-sets', {
      name: 'spend',
      definition: { version: 1, features: ['spend_30d'] },
    });
    expect(answer.status).toBe(422);
    expect(answer.json.errors[0]).toMatchObject({
      pointer: '/definition/features/0',
      code: 'needs_settings',
    });
  });

  it.each([
    [
      'thresholds that contradict each other',
      'PUT',
      'feature-settings',
      { lifecycle: { lostDays: 20 } },
      '/lifecycle/dormantDays',
    ],
    [
      'a feature that no language knows',
      'POST',
      'features',
      {
        name: 'x',
        definition: { version: 1, value: { event: 'a', window: 'all_time', measure: { fn: 'mode' } } },
      },
      '/definition/value/measure/fn',
    ],
  ])('is not led astray by %s', async (_, method, url, body, pointer) => {
    const answer = await project.api(method, url, body);
    expect(answer.status).toBe(422);
    expect(answer.json.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('is invisible to another project', async () => {
    const set = await makeSet({ features: ['events_30d'] });
    const snapshot = await takeSnapshot(set.id);
    const other = await rekindle.newProject();
    const paths = [
      `feature-sets/${set.id}`,
      `feature-sets/${set.id}/snapshots`,
      ...['', '/values', '/export', '/report', `/drift?base=${snapshot.id}`].map(
        (rest) => `feature-sets/${set.id}/snapshots/${snapshot.id}${rest}`,
      ),
    ];
    for (const each of paths) expect([each, (await other.api('GET', each)).status]).toEqual([each, 404]);
    expect((await other.api('POST', `feature-sets/${set.id}/snapshots`, {})).status).toBe(404);
  });

  it('finishes every snapshot that was asked for, although its process is killed', async () => {
    const set = await makeSet({ families: ['activity', 'sessions'] });
    const cutoffs = [0, 0.1, 0.2].map((days) => ({ cutoff: iso(daysAgo(days)) }));
    const asked = await Promise.all(
      cutoffs.map((body) => project.api('POST', `feature-sets/${set.id}/snapshots`, body)),
    );
    expect(asked.map(({ status }) => status)).toEqual([202, 202, 202]);
    await rekindle.kill();
    await rekindle.launch();
    await endLeases(rekindle, 'feature_snapshot');
    for (const { json } of asked) {
      const snapshot = await waitFor(async () => {
        const answer = await project.api('GET', `feature-sets/${set.id}/snapshots/${json.id}`);
        return answer.json.state === 'done' ? answer.json : null;
      }, 120_000);
      expect(await valuesOf(snapshot)).toHaveLength(snapshot.rowCount);
    }
  }, 180_000);
});
