import { createClient } from '@clickhouse/client';
import {
  type Answer,
  profileSet,
  type Rekindle,
  startRekindle,
  type TestProject,
  track,
  waitFor,
} from '../support/rekindle.js';
import { clickhouseUrlOf, databaseUrlOf, queryClickHouse } from '../support/stores.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ZONE = 'Asia/Shanghai';
/** Noon in Shanghai, some days ago. */
const NOON = Math.floor((Date.now() - 5 * DAY) / DAY) * DAY + 4 * HOUR;
const MANY_EVENTS = 4_000_000;
const MAX_ROWS = 5_000_000;
const RANGE = { calendar: { days: 14 } };

describe('Queries', () => {
  let rekindle: Rekindle;
  let project: TestProject;

  beforeAll(async () => {
    rekindle = await startRekindle({
      QUERY_MAX_ROWS: String(MAX_ROWS),
      QUERY_CONCURRENCY: '1',
    });
    project = await rekindle.newProject(ZONE);
    await rekindle.sendEvents(project.slug, [
      track('anna', 'View', { page: 'a', $title: 'Home' }, NOON),
      track('anna', 'View', { page: 'b', tags: ['new', 'red'] }, NOON + HOUR),
      track('anna', 'Buy', { amount: 10, method: 'card', gift: null }, NOON + 2 * HOUR),
      // 01:00 of the next day in Shanghai, the same day in UTC.
      track('anna', 'Buy', { amount: 30, method: 'wallet' }, NOON + 13 * HOUR),
      track('bert', 'View', { page: 'a' }, NOON),
      track('bert', 'View', { page: 5 }, NOON + DAY),
      track('cleo', 'Buy', { amount: '20', method: 'card' }, NOON + DAY),
      profileSet('anna', { city: 'Basel', level: 3 }),
      profileSet('bert', { city: 'Zug' }),
      // Bert logs in, first on another device.
      { ...track('bert-login', '$SignUp', {}, NOON + 2 * DAY), type: 'track_signup', original_id: 'tablet' },
      track('tablet', 'Buy', { amount: 5, method: 'card' }, NOON + 2 * HOUR),
    ]);
    await rekindle.sendEvents(project.slug, [
      { ...track('bert-login', '$SignUp', {}, NOON + 2 * DAY), type: 'track_signup', original_id: 'bert' },
    ]);
    await waitFor(async () => {
      const { json } = await ask('events', {
        events: ['View', 'Buy'],
        range: RANGE,
        measures: [{ fn: 'count' }, { fn: 'persons' }],
      });
      // Every event, not only one of each person: those of two months show one month after the other.
      return json.rows[0].values.join() === '8,3';
    });
  });
  afterAll(() => rekindle.stop());

  const ask = (kind: string, body: unknown, of = project): Promise<Answer> =>
    of.api('POST', `query/${kind}`, body);
  const day = (days: number) => new Date(NOON + days * DAY + 8 * HOUR).toISOString().slice(0, 10);

  describe('about events', () => {
    it('count by day of the project, with empty days', async () => {
      const { status, json } = await ask('events', {
        events: ['Buy'],
        range: { from: day(-1), to: day(3) },
        bucket: 'day',
        measures: [
          { fn: 'count' },
          { fn: 'persons' },
          { fn: 'sum', property: 'amount' },
          { fn: 'max', property: 'amount' },
        ],
      });
      expect(status).toBe(200);
      expect(json.rows.map(({ bucketLabel, values }: never) => [bucketLabel, values])).toEqual([
        [day(-1), [0, 0, 0, null]],
        [day(0), [2, 2, 15, 10]],
        [day(1), [2, 2, 30, 30]],
        [day(2), [0, 0, 0, null]],
      ]);
      expect(json).toMatchObject({
        timeZone: ZONE,
        otherGroups: 0,
        warnings: [],
        columns: { bucket: 'day', groups: [] },
      });
      expect(json.columns.measures.map(({ name }: { name: string }) => name)).toEqual([
        'count',
        'persons',
        'sum(amount)',
        'max(amount)',
      ]);
      expect(json.rowsRead).toBeGreaterThan(0);
      expect(json.sql).toContain('FROM event');
    });

    it('group by properties of every type, the greatest first, and count the others together', async () => {
      const { json } = await ask('events', {
        events: ['View'],
        range: RANGE,
        groupBy: [{ by: 'property', property: 'page' }],
        measures: [{ fn: 'count' }, { fn: 'persons' }],
      });
      expect(json.rows.map(({ group, values }: never) => [group, values])).toEqual([
        [['a'], [2, 2]],
        [['b'], [1, 1]],
        [[5], [1, 1]],
      ]);
      const top = await ask('events', {
        events: ['View'],
        range: RANGE,
        groupBy: [{ by: 'property', property: 'page' }],
        top: 1,
        measures: [{ fn: 'count' }, { fn: 'persons' }],
      });
      expect(top.json.rows).toMatchObject([
        { group: ['a'], isOther: false, values: [2, 2] },
        { group: [], isOther: true, values: [2, 2] },
      ]);
      expect(top.json.otherGroups).toBe(2);
    });

    it('group by event and by the profile of the person, merges included, per bucket', async () => {
      const { json } = await ask('events', {
        events: ['View', 'Buy'],
        range: { from: day(0), to: day(2) },
        bucket: 'day',
        groupBy: [{ by: 'event' }, { by: 'profile', property: 'city' }],
      });
      const series = new Map<string, number[]>();
      for (const { group, values } of json.rows)
        series.set(group.join(), [...(series.get(group.join()) ?? []), values[0]]);
      // What Bert bought on his tablet before he logged in is his.
      expect(Object.fromEntries(series)).toEqual({
        'View,Basel': [2, 0],
        'View,Zug': [1, 1],
        'Buy,Basel': [1, 1],
        'Buy,Zug': [1, 0],
        'Buy,': [0, 1],
      });
    });

    it('measure numbers only, and filter by event and profile', async () => {
      const { json } = await ask('events', {
        events: ['Buy'],
        range: RANGE,
        where: [{ property: 'method', op: 'in', values: ['card', 'wallet'] }],
        profile: [{ property: 'city', op: 'is_set' }],
        measures: [
          { fn: 'avg', property: 'amount' },
          { fn: 'min', property: 'amount' },
          { fn: 'median', property: 'amount' },
          { fn: 'percentile', property: 'amount', percent: 75 },
          { fn: 'distinct', property: 'method' },
          { fn: 'count_per_person' },
        ],
      });
      expect(json.rows).toEqual([
        { bucketStart: null, bucketLabel: null, group: [], isOther: false, values: [15, 5, 10, 20, 2, 1.5] },
      ]);
    });

    it('leave out what Rekindle itself records, unless it is named', async () => {
      const { json } = await ask('events', { range: RANGE, groupBy: [{ by: 'event' }] });
      expect(json.rows.map(({ group }: { group: string[] }) => group[0])).toEqual(
        expect.arrayContaining(['View', 'Buy', '$SignUp']),
      );
    });

    it('warn of names that nobody knows, with those that may be meant, and answer nevertheless', async () => {
      const { status, json } = await ask('events', {
        events: ['Veiw', 'Buy'],
        range: RANGE,
        where: [{ property: 'mehtod', op: 'equals', value: 'card' }],
        profile: [{ property: 'cty', op: 'is_set' }],
      });
      expect(status).toBe(200);
      expect(json.rows[0].values).toEqual([0]);
      expect(json.warnings).toMatchObject([
        { pointer: '/events/0', code: 'unknown_event', nearest: ['View'] },
        { pointer: '/where/0/property', code: 'unknown_property', nearest: ['method'] },
        { pointer: '/profile/0/property', code: 'unknown_profile_property', nearest: ['city'] },
      ]);
    });
  });

  it('follow persons through a funnel, before and after they logged in', async () => {
    const { json } = await ask('funnel', {
      steps: [{ event: 'View' }, { event: 'Buy', where: [{ property: 'amount', op: 'at_least', value: 1 }] }],
      range: { from: day(-1), to: day(2) },
      window: { days: 1 },
      breakdown: { by: 'profile', property: 'city' },
    });
    expect(json.steps).toEqual([
      { event: 'View', persons: 2, ofPrevious: null, ofFirst: 1, medianMs: null },
      { event: 'Buy', persons: 2, ofPrevious: 1, ofFirst: 1, medianMs: 2 * HOUR },
    ]);
    expect(json.groups.map(({ value, isOther }: never) => [value, isOther])).toEqual([
      ['Basel', false],
      ['Zug', false],
    ]);
    expect(json.isComplete).toBe(true);
  });

  it('show who came back, and which periods are not over', async () => {
    const { json } = await ask('retention', {
      first: { event: 'View' },
      range: { from: day(0), to: day(1) },
      unit: 'day',
      periods: 14,
    });
    expect(json.cohorts).toHaveLength(1);
    const [{ label, persons, periods }] = json.cohorts;
    expect([label, persons]).toEqual([day(0), 2]);
    expect(periods.slice(0, 3)).toEqual([
      { period: 0, persons: 2, share: 1, isComplete: true },
      { period: 1, persons: 2, share: 1, isComplete: true },
      { period: 2, persons: 1, share: 0.5, isComplete: true },
    ]);
    expect(periods.length).toBeLessThan(14);
    expect(periods.at(-1).isComplete).toBe(false);
  });

  describe('about the catalogue', () => {
    it('list the events seen, the most frequent first, page by page, and search them', async () => {
      const names: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { json }: Answer = await project.api(
          'GET',
          `catalogue/events?limit=1${cursor && `&cursor=${cursor}`}`,
        );
        names.push(...json.items.map(({ name }: { name: string }) => name));
        cursor = json.nextCursor;
      }
      expect(names).toEqual(['Buy', 'View', '$SignUp']);
      const { json } = await project.api('GET', 'catalogue/events?search=vie');
      expect(json.items).toEqual([
        {
          name: 'View',
          isSystem: false,
          events: 4,
          persons: 2,
          firstSeenAt: new Date(NOON).toISOString(),
          lastSeenAt: new Date(NOON + DAY).toISOString(),
        },
      ]);
    });

    it('list the properties of an event with types and values, page by page', async () => {
      const { json } = await project.api('GET', 'catalogue/events/Buy/properties');
      expect(json).toMatchObject({ events: 4, sampled: 4, warnings: [], nextCursor: null });
      const own = json.items.filter(({ name }: { name: string }) => !name.startsWith('$'));
      expect(own).toEqual([
        {
          name: 'amount',
          share: 1,
          types: [
            { type: 'text', events: 1 },
            { type: 'number', events: 3 },
          ],
          distinctValues: 4,
          examples: expect.arrayContaining([
            { value: '20', events: 1 },
            { value: 30, events: 1 },
          ]),
        },
        {
          name: 'method',
          share: 1,
          types: [{ type: 'text', events: 4 }],
          distinctValues: 2,
          examples: [
            { value: 'card', events: 3 },
            { value: 'wallet', events: 1 },
          ],
        },
      ]);
      const first = (await project.api('GET', 'catalogue/events/Buy/properties?search=M&limit=1')).json;
      const second = await project.api(
        'GET',
        `catalogue/events/Buy/properties?search=m&limit=1&cursor=${first.nextCursor}`,
      );
      expect([first.items[0].name, second.json.items[0].name]).toEqual(['$lib_method', 'amount']);
    });

    it('answer for an event that nobody knows with the nearest names', async () => {
      const { status, json } = await project.api('GET', 'catalogue/events/Buuy/properties');
      expect(status).toBe(200);
      expect(json).toMatchObject({
        items: [],
        events: 0,
        warnings: [{ code: 'unknown_event', nearest: ['Buy'] }],
      });
    });
  });

  it.each([
    [
      'events',
      { events: [], range: { last: {} }, measures: [{ fn: 'sum' }], groupBy: [{ by: 'colour' }], extra: 1 },
      ['/events', '/range/last', '/groupBy/0/by', '/measures/0/property', '/extra'],
    ],
    ['events', { range: { from: '2026-03-02', to: '2026-03-01' } }, ['/range']],
    ['events', { range: { last: { days: 365 } }, bucket: 'minute' }, ['/bucket']],
    ['funnel', { steps: [{ event: 'View' }], range: RANGE, window: { days: 0 } }, ['/steps', '/window/days']],
    [
      'retention',
      { first: {}, range: RANGE, unit: 'year', periods: 0 },
      ['/first/event', '/unit', '/periods'],
    ],
    [
      'retention',
      { first: { event: 'a' }, range: { last: { days: 300 } }, unit: 'day', periods: 366 },
      ['/range'],
    ],
  ])('of %s that cannot be read are refused with every wrong field', async (kind, body, pointers) => {
    const { status, json } = await ask(kind, body);
    expect(status).toBe(422);
    expect(json.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(
      [...pointers].sort(),
    );
  });

  it('are for keys of the project that may read', async () => {
    const body = { range: RANGE };
    const keyFor = async (of: TestProject, scope: string) =>
      (await of.api('POST', 'keys', { name: scope, scopes: [scope] })).json.apiKey;
    const as = async (key: string) =>
      (await project.api('POST', 'query/events', body, { authorization: `Bearer ${key}` })).status;
    const other = await rekindle.newProject();
    expect(await as('nobody')).toBe(401);
    expect(await as(await keyFor(project, 'collect'))).toBe(403);
    expect(await as(await keyFor(project, 'viewer'))).toBe(200);
    expect(await as(await keyFor(other, 'admin'))).toBe(404);
  });

  it('see nothing of another project, and leave no entry in the audit log', async () => {
    const other = await rekindle.newProject();
    expect((await ask('events', { range: RANGE }, other)).json.rows[0].values).toEqual([0]);
    const funnel = { steps: [{ event: 'View' }, { event: 'Buy' }], range: RANGE, window: { days: 1 } };
    expect((await ask('funnel', funnel, other)).json.steps[0].persons).toBe(0);
    const retention = { first: { event: 'View' }, range: RANGE, unit: 'week', periods: 2 };
    expect((await ask('retention', retention, other)).json.overall[0].of).toBe(0);
    expect((await other.api('GET', 'catalogue/events')).json.items).toEqual([]);
    expect((await other.api('GET', 'catalogue/events/View/properties')).json.items).toEqual([]);
    expect((await other.api('GET', 'audit')).json.items).toEqual([]);
  });

  describe('that are too large', () => {
    let big: TestProject;
    const all = { events: ['Load'], range: { last: { days: 30 } } };
    const slow = {
      steps: Array.from({ length: 10 }, () => ({ event: 'Load' })),
      range: { last: { days: 30 } },
      window: { days: 30 },
    };
    const running = () =>
      queryClickHouse<{ count: number }>(
        rekindle,
        "SELECT toUInt32(count()) AS count FROM system.processes WHERE query LIKE '%arrayReverseFill%' AND query NOT LIKE '%system.processes%'",
      ).then(([row]) => row?.count ?? 0);

    const cancelled = () =>
      queryClickHouse<{ count: number }>(
        rekindle,
        "SELECT toUInt32(sum(value)) AS count FROM system.errors WHERE name LIKE 'QUERY_WAS_CANCELLED%'",
      ).then(([row]) => row?.count ?? 0);
    /** Asks what takes too long, until it leaves. */
    const askSlowly = () => {
      const client = new AbortController();
      const asked = fetch(`${rekindle.url}/api/v1/projects/${big.slug}/query/funnel`, {
        method: 'POST',
        headers: { authorization: `Bearer ${rekindle.adminKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(slow),
        signal: client.signal,
      });
      return { asked, leave: () => client.abort() };
    };

    beforeAll(async () => {
      big = await rekindle.newProject();
      await rekindle.sendEvents(big.slug, [track('marker', 'Marker')]);
      const [row] = await waitFor(async () => {
        const rows = await queryClickHouse<{ id: number }>(
          rekindle,
          "SELECT project_id AS id FROM event WHERE event = 'Marker'",
        );
        return rows.length > 0 ? rows : null;
      });
      const client = createClient({ url: await clickhouseUrlOf(rekindle), database: 'rekindle' });
      await client.command({
        query: `INSERT INTO event (project_id, event, user_id, time, event_id, client_time, received_at, properties)
          SELECT ${row?.id}, if(number < ${MANY_EVENTS}, 'Load', 'Rest'), 1000000 + number % 200000,
            now() - toIntervalSecond(number % 2000000) AS at, generateUUIDv4(), at, at, '{}'
          FROM numbers(${MAX_ROWS + 500_000})`,
      });
      await client.close();
    }, 120_000);

    it('by rows are refused before they begin', async () => {
      const { status, json } = await ask('events', { range: { last: { days: 30 } } }, big);
      expect([status, json.code]).toEqual([422, 'query_too_many_rows']);
      expect(json.detail).toContain('shorten its range');
      expect((await ask('events', all, big)).json.rows[0].values).toEqual([MANY_EVENTS]);
    });

    it('by time are stopped', async () => {
      // A process of its own has little time: the other queries are to end though the machine stands still for a while.
      const hasty = await startRekindle({
        ROLE: 'api',
        DATABASE_URL: await databaseUrlOf(rekindle),
        CLICKHOUSE_URL: await clickhouseUrlOf(rekindle),
        SECRET_KEY: 'a-secret-key-that-nothing-here-needs',
        QUERY_TIMEOUT_MS: '1000',
      });
      try {
        const { status, json } = await hasty.api('POST', `projects/${big.slug}/query/funnel`, slow);
        expect([status, json.code]).toEqual([422, 'query_too_slow']);
      } finally {
        await hasty.stop();
      }
    });

    it('end in ClickHouse when the client goes, and give their slot back', async () => {
      const before = await cancelled();
      const { asked, leave } = askSlowly();
      await waitFor(async () => (await running()) > 0);
      leave();
      await expect(asked).rejects.toThrow();
      await waitFor(async () => (await running()) === 0);
      // It did not come to its end.
      expect(await cancelled()).toBeGreaterThan(before);
      expect((await ask('events', all, big)).status).toBe(200);
    });

    it('in number wait, and those beyond are told when to ask again', async () => {
      const first = askSlowly();
      await waitFor(async () => (await running()) > 0);
      const others = Array.from({ length: 24 }, () => ask('events', all, big));
      // Those that wait are answered behind the first one only.
      expect((await Promise.race(others)).status).toBe(429);
      first.leave();
      await expect(first.asked).rejects.toThrow();
      const answers = await Promise.all(others);
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(0);
      expect(refused[0]?.json.code).toBe('too_many_queries');
      expect(refused[0]?.headers.get('retry-after')).toBe('5');
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(10);
    });
  });
});
