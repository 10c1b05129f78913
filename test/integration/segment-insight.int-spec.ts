import { type Rekindle, startRekindle, type TestProject, track, waitFor } from '../support/rekindle.js';

const DAY_MS = 86_400_000;
const count = (event: string, days: number, op: string, value: number) => ({
  event,
  window: { last: { days } },
  compare: { op, value },
});

describe('Insight into a segment', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  let once = '';
  const now = Date.now();
  const daysAgo = (days: number) => now - days * DAY_MS;
  const toDefinition = (where: unknown) => ({ version: 1, where });

  async function create(where: unknown): Promise<string> {
    const made = await project.api('POST', 'segments', {
      name: `insight ${Math.random()}`,
      definition: toDefinition(where),
    });
    expect(made.status).toBe(201);
    return made.json.id;
  }

  async function preview(where: unknown) {
    const { status, json } = await project.api('POST', 'segments/preview', {
      definition: toDefinition(where),
    });
    return { status, json };
  }

  beforeAll(async () => {
    rekindle = await startRekindle();
    project = await rekindle.newProject('Asia/Shanghai');
    await rekindle.sendEvents(project.slug, [
      track('twice', 'pay', { amount: 20 }, daysAgo(20)),
      track('twice', 'pay', { amount: 30 }, daysAgo(10)),
      track('once', 'pay', { amount: 7 }, daysAgo(15)),
      track('viewer', 'view', {}, daysAgo(1)),
    ]);
    // Each event by itself: what is of several months is seen month by month.
    const paidOnce = { all: [count('pay', 30, 'equals', 1)] };
    const events = [count('pay', 30, 'equals', 2), paidOnce, count('view', 30, 'equals', 1)];
    await waitFor(async () => {
      const found = await Promise.all(events.map(preview));
      return found.every(({ json }) => json.count === 1);
    });
    once = (await preview(paidOnce)).json.sample[0];
  }, 90_000);
  afterAll(() => rekindle?.stop());

  it('stands for the definition of a segment it refers to', async () => {
    const paid = await create(count('pay', 30, 'at_least', 1));
    expect((await preview({ segment: paid })).json.count).toBe(2);
    expect((await preview({ none: [{ segment: paid }] })).json.count).toBe(1);
  });

  it('refuses segments that refer to each other in a circle, with the way round', async () => {
    const first = await create(count('pay', 30, 'at_least', 1));
    const second = await create({ segment: first });
    const refused = await project.api('PATCH', `segments/${first}`, {
      definition: toDefinition({ any: [{ segment: second }, count('pay', 1, 'at_least', 1)] }),
    });
    expect(refused.status).toBe(422);
    expect(refused.json.errors).toEqual([
      {
        pointer: '/definition/where/any/0/segment',
        code: 'circular_reference',
        detail: expect.stringContaining(`${first} → ${second} → ${first}`),
      },
    ]);
  });

  it('says why a user is out, with the events, and what would flip it', async () => {
    const segment = await create(count('pay', 30, 'at_least', 2));
    const { status, json } = await project.api('GET', `segments/${segment}/explain?user=${once}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      userId: once,
      isMember: false,
      where: {
        kind: 'event',
        holds: false,
        actual: 1,
        threshold: { op: 'at_least', value: 2 },
        eventCount: 1,
        firstEvents: [{ eventId: expect.stringMatching(/^[0-9a-f]{32}$/), event: 'pay' }],
      },
    });
    expect(json.changes[0]).toEqual({ kind: 'events', event: 'pay', count: 1, properties: {} });
  });

  it('explains a definition that is not saved, as of a past moment', async () => {
    const { status, json } = await project.api('POST', 'segments/explain', {
      definition: toDefinition(count('pay', 30, 'at_least', 1)),
      user: once,
      asOf: new Date(daysAgo(16)).toISOString(),
    });
    expect(status).toBe(200);
    expect(json.isMember).toBe(false);
    expect(json.where.eventCount).toBe(0);
  });

  it('tells how another definition would change the members', async () => {
    const segment = await create(count('pay', 30, 'at_least', 2));
    const { status, json } = await project.api('POST', `segments/${segment}/difference`, {
      definition: toDefinition({ any: [count('pay', 30, 'equals', 1), count('view', 30, 'at_least', 1)] }),
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({ inBoth: 0, onlyBefore: 1, onlyAfter: 2, inBothSample: [], warnings: [] });
    expect(json.onlyAfterSample).toContain(once);
  });

  it('hands out the members of a run as CSV, JSON lines and Parquet, and a user by the run', async () => {
    const segment = await create(count('pay', 30, 'equals', 1));
    const started = await project.api('POST', `segments/${segment}/runs`, {});
    const run = `segments/${segment}/runs/${started.json.id}`;
    await waitFor(async () => (await project.api('GET', run)).json.state === 'done');
    const download = async (format: string) =>
      fetch(`${rekindle.url}/api/v1/projects/${project.slug}/${run}/export?format=${format}`, {
        headers: { Authorization: `Bearer ${rekindle.adminKey}` },
      });
    const csv = await download('csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(await csv.text()).toBe(`"user_id"\n"${once}"\n`);
    expect(await (await download('jsonl')).text()).toBe(`{"user_id":"${once}"}\n`);
    expect((await (await download('parquet')).text()).startsWith('PAR1')).toBe(true);
    expect((await download('xls')).status).toBe(422);

    const { json } = await project.api('GET', `segments/${segment}/members/${once}/runs`);
    expect(json.items).toEqual([
      { runId: started.json.id, version: 1, asOf: expect.any(String), isMember: true },
    ]);
  });

  it('warns of properties that nothing has when a definition is saved', async () => {
    const made = await project.api('POST', 'segments', {
      name: 'misspelt',
      definition: toDefinition({
        all: [
          { ...count('pay', 30, 'at_least', 1), where: [{ property: 'amuont', op: 'at_least', value: 1 }] },
          { ...count('pay', 30, 'at_least', 1), measure: { fn: 'sum', property: 'amount' } },
          { profile: { property: 'nickname', op: 'is_set' } },
        ],
      }),
    });
    expect(made.json.warnings).toEqual([
      {
        pointer: '/definition/where/all/0/where/0/property',
        code: 'unknown_property',
        detail: 'Nothing has a property amuont here. The name most like it is amount.',
      },
      expect.objectContaining({
        pointer: '/definition/where/all/2/profile/property',
        code: 'unknown_profile_property',
      }),
    ]);
  });

  it('publishes the schema of its language', async () => {
    const { status, json } = await project.api('GET', 'segment-language');
    expect(status).toBe(200);
    expect(json.properties.version).toEqual({ const: 1 });
    expect(json.$defs.condition.oneOf.length).toBeGreaterThan(8);
  });

  it('knows no user of another project', async () => {
    const segment = await create(count('pay', 30, 'at_least', 2));
    const answer = await project.api('GET', `segments/${segment}/explain?user=usr_999999`);
    expect(answer.status).toBe(404);
  });
});
