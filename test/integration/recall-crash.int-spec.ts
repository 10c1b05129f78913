import {
  profileSet,
  type Rekindle,
  startRekindle,
  type TestProject,
  track,
  waitFor,
} from '../support/rekindle.js';

const MEMBERS = 4_000;
const ALL = { event: 'Buy', window: 'all_time', compare: { op: 'at_least', value: 1 } };

describe('planning that a crash interrupts', () => {
  let rekindle: Rekindle;
  let project: TestProject;

  beforeAll(async () => {
    rekindle = await startRekindle();
    project = await rekindle.newProject();
    for (let from = 0; from < MEMBERS; from += 1_000) {
      const names = Array.from({ length: 1_000 }, (_unused, index) => `user-${from + index}`);
      await rekindle.sendEvents(project.slug, [
        ...names.map((name) => track(name, 'Buy')),
        ...names.map((name) => profileSet(name, { email: `${name}@example.com` })),
      ]);
    }
  }, 120_000);
  afterAll(() => rekindle?.stop());

  it('goes on where it was, and plans every member once', async () => {
    const definition = { version: 1, where: ALL };
    await waitFor(
      async () => (await project.api('POST', 'segments/preview', { definition })).json.count === MEMBERS,
    );
    const segment = await project.api('POST', 'segments', { name: 'buyers', definition });
    const made = await project.api('POST', 'campaigns', {
      name: 'Once for all',
      segmentId: segment.json.id,
      templateId: 'win-back',
      sendWindow: quietNow(),
    });
    const path = `campaigns/${made.json.id}`;
    await project.api('POST', `${path}/activate`);
    await project.api('POST', `${path}/run`, {});
    const newest = async () => (await project.api('GET', `${path}/runs`)).json.items[0];
    await waitFor(async () => (await newest())?.counts.members >= 1_000);
    await rekindle.kill();
    await rekindle.launch();
    const run = await waitFor(async () => {
      const found = await newest();
      return found.state === 'planning' ? null : found;
    }, 90_000);
    expect(run).toMatchObject({ state: 'done', counts: { members: MEMBERS, held: {} } });
    expect(run.counts.planned + run.counts.repeated).toBe(MEMBERS);
    const users = new Set<string>();
    let messages = 0;
    let cursor = '';
    do {
      const { json } = await project.api('GET', `messages?limit=500&campaign=${made.json.id}${cursor}`);
      for (const { userId } of json.items) users.add(userId);
      messages += json.items.length;
      cursor = json.nextCursor === null ? '' : `&cursor=${json.nextCursor}`;
    } while (cursor !== '');
    expect([messages, users.size]).toEqual([MEMBERS, MEMBERS]);
  }, 300_000);

  /** A window that opens in some hours, so that planning is all that happens. */
  function quietNow() {
    const hour = (new Date().getUTCHours() + 5) % 24;
    const [from, to] = [hour, (hour + 1) % 24].map((h) => `${String(h).padStart(2, '0')}:00`);
    return { from, to };
  }
});
