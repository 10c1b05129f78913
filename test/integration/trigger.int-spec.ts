import { type Rekindle, startRekindle, type TestProject, track, waitFor } from '../support/rekindle.js';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

interface Call {
  trigger: { id: string; name: string; version: number };
  userId: string;
  event: { id: string; name: string; properties: Record<string, unknown> };
  data: Record<string, unknown>;
}

/** Longer than a sweep and a look again: what was to be sent twice would have been by then. */
const SETTLED_MS = 2_000;

describe('triggers', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  let receiver: WebhookReceiver<Call>;
  let calls: Call[];

  beforeAll(async () => {
    receiver = await startWebhookReceiver<Call>();
    calls = receiver.calls;
    rekindle = await startRekindle({ OUTBOUND_ALLOW_HOSTS: receiver.host });
  });
  beforeEach(async () => {
    project = await rekindle.newProject();
  });
  afterAll(async () => {
    await rekindle.stop();
    await receiver.stop();
  });

  const hook = () => ({
    type: 'webhook',
    url: `http://${receiver.host}/winback`,
    body: { list: 'winback' },
  });
  const rule = (more: Record<string, unknown> = {}) => ({
    version: 1,
    on: { event: 'ViewProduct' },
    actions: [hook()],
    ...more,
  });
  const noPayWithin = (seconds: number) => rule({ unless: { event: 'PayOrder', within: { seconds } } });
  const make = async (someRule: unknown) => {
    const made = await project.api('POST', 'triggers', { name: 'Viewed, did not pay', rule: someRule });
    expect(made.status).toBe(201);
    return made.json as { id: string };
  };
  const send = async (...records: Record<string, unknown>[]) => {
    expect((await rekindle.sendEvents(project.slug, records)).status).toBe(200);
  };
  const decisionsOf = async (id: string, query = '') =>
    (await project.api('GET', `triggers/${id}/decisions?${query}`)).json.items as {
      userId: string;
      eventId: string;
      outcome: string;
      reason: string | null;
      causedByEventId: string | null;
    }[];
  const outcomesOf = async (id: string, query = '') =>
    (await decisionsOf(id, query))
      .map(({ outcome, reason }) => [outcome, reason].filter(Boolean).join(' '))
      .reverse();
  const whoWasCalled = (id: string) =>
    calls
      .filter(({ trigger }) => trigger.id === id)
      .map(({ event }) => event.properties['who'])
      .sort();
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

  it('fires for those who viewed and did not pay in time, and for nobody else', async () => {
    const { id } = await make(noPayWithin(2));
    await send(
      track('stays', 'ViewProduct', { who: 'stays' }),
      track('pays', 'ViewProduct', { who: 'pays' }),
      track('paid-before', 'PayOrder', { who: 'paid-before' }),
      track('pays', 'PayOrder', { who: 'pays' }),
      track('paid-before', 'ViewProduct', { who: 'paid-before' }),
      track('only-pays', 'PayOrder', { who: 'only-pays' }),
    );
    await waitFor(async () => whoWasCalled(id).length === 2);
    await pause(SETTLED_MS);
    expect(whoWasCalled(id)).toEqual(['paid-before', 'stays']);
    expect(calls.find(({ trigger }) => trigger.id === id)).toMatchObject({
      trigger: { name: 'Viewed, did not pay', version: 1 },
      userId: expect.stringMatching(/^usr_\d+$/),
      event: { name: 'ViewProduct' },
      data: { list: 'winback' },
    });
  });

  it('tells of every wait how it ended, and by which event', async () => {
    const { id } = await make(noPayWithin(300));
    await send(track('pays', 'ViewProduct'));
    const [waiting] = await waitFor(async () => {
      const { items } = (await project.api('GET', `triggers/${id}/timers?state=waiting`)).json;
      return items.length === 1 && items;
    });
    await send(track('pays', 'ViewProduct'));
    await send(track('pays', 'PayOrder'));
    await waitFor(async () => (await decisionsOf(id, 'outcome=cancelled')).length === 1);
    expect(await outcomesOf(id, `user=${waiting.userId}`)).toEqual([
      'waiting',
      'not_fired already_waiting',
      'cancelled followed_by_event',
    ]);
    const [cancelled] = await decisionsOf(id, 'outcome=cancelled');
    expect(cancelled).toMatchObject({ eventId: waiting.eventId, causedByEventId: expect.any(String) });
    expect(await decisionsOf(id, 'user=usr_999999999')).toEqual([]);
    expect(whoWasCalled(id)).toEqual([]);
  });

  it('fires at once without a wait, once per user within its cooldown, and once for a record sent twice', async () => {
    const { id } = await make(rule({ cooldown: { hours: 1 } }));
    const record = track('a', 'ViewProduct', { who: 'a' });
    await send(record, track('b', 'ViewProduct', { who: 'b' }), track('b', 'ViewProduct', { who: 'b' }));
    await send(record);
    await waitFor(async () => whoWasCalled(id).length === 2);
    await pause(SETTLED_MS);
    expect(whoWasCalled(id)).toEqual(['a', 'b']);
    expect((await outcomesOf(id)).sort()).toEqual(['fired', 'fired', 'not_fired cooldown']);
  });

  it('keeps its timers when the service is killed, and fires each once', async () => {
    const short = await make(noPayWithin(6));
    const long = await make(noPayWithin(300));
    await send(track('patient', 'ViewProduct', { who: 'patient' }));
    // Where this looks late, the short one has ended already.
    await waitFor(async () =>
      [await outcomesOf(short.id), await outcomesOf(long.id)].every(({ length }) => length > 0),
    );
    await rekindle.kill();
    await rekindle.launch();
    await waitFor(async () => whoWasCalled(short.id).length === 1);
    await send(track('patient', 'PayOrder'));
    await waitFor(async () => (await outcomesOf(long.id)).includes('cancelled followed_by_event'));
    await pause(SETTLED_MS);
    expect(whoWasCalled(short.id)).toEqual(['patient']);
    expect(await outcomesOf(short.id)).toEqual(['waiting', 'fired']);
  });

  it('knows a person who viewed as a stranger and pays after the login', async () => {
    const { id } = await make(noPayWithin(300));
    await send(track('device-1', 'ViewProduct', { who: 'device-1' }));
    await waitFor(async () => (await decisionsOf(id)).length === 1);
    await send({ ...track('login-1', '$SignUp'), type: 'track_signup', original_id: 'device-1' });
    await send(track('login-1', 'PayOrder', { $is_login_id: true }));
    await waitFor(async () => (await decisionsOf(id, 'outcome=cancelled')).length === 1);
  });

  it('goes by the version that opened a wait, and lets nothing fire while paused', async () => {
    // So long that a machine that stands still for a while does not end a wait before what ends it here.
    const seconds = 12;
    const { id } = await make(noPayWithin(seconds));
    await send(track('before', 'ViewProduct', { who: 'before' }));
    await waitFor(async () => (await decisionsOf(id)).length === 1);
    const changed = await project.api('PATCH', `triggers/${id}`, {
      rule: { ...noPayWithin(seconds), unless: { event: 'Login', within: { seconds } } },
    });
    expect(changed.json).toMatchObject({ version: 2, state: 'active' });
    await send(track('before', 'PayOrder'), track('after', 'ViewProduct'), track('after', 'PayOrder'));
    await waitFor(async () => (await decisionsOf(id)).length === 3);
    expect((await project.api('POST', `triggers/${id}/pause`)).json.state).toBe('paused');
    await waitFor(async () => (await decisionsOf(id)).length === 4);
    expect((await outcomesOf(id)).sort()).toEqual([
      'cancelled followed_by_event',
      'cancelled trigger_disabled',
      'waiting',
      'waiting',
    ]);
  });

  it('says where a rule is wrong, all at once', async () => {
    const answer = await project.api('POST', 'triggers', {
      name: 'x',
      rule: {
        version: 1,
        on: { event: 'View', where: [{ property: 'p', op: 'like' }] },
        unless: { event: 'Pay', within: {} },
        actions: [{ type: 'webhook', url: 'ftp://example.com' }, { type: 'shout' }],
      },
    });
    expect(answer.status).toBe(422);
    expect(answer.json.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      '/rule/actions/0/url',
      '/rule/actions/1/type',
      '/rule/on/where/0/op',
      '/rule/unless/within',
    ]);
  });

  it('shows, lists and archives triggers of its own project only', async () => {
    const first = await make(rule());
    const second = await make(noPayWithin(60));
    const page = (await project.api('GET', 'triggers?limit=1')).json;
    expect(page.items).toMatchObject([{ id: second.id, state: 'active', version: 1 }]);
    const rest = (await project.api('GET', `triggers?limit=1&cursor=${page.nextCursor}`)).json;
    expect(rest).toMatchObject({ items: [{ id: first.id }], nextCursor: null });
    const other = await rekindle.newProject();
    for (const path of ['', '/decisions', '/timers']) {
      expect((await other.api('GET', `triggers/${first.id}${path}`)).status).toBe(404);
    }
    expect((await project.api('POST', `triggers/${first.id}/archive`)).json.state).toBe('archived');
    expect((await project.api('POST', `triggers/${first.id}/resume`)).status).toBe(409);
    expect((await project.api('PATCH', `triggers/${first.id}`, { name: 'New' })).status).toBe(409);
    expect((await project.api('GET', 'triggers?state=archived')).json.items).toHaveLength(1);
  });
});
