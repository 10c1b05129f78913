import {
  profileSet,
  type Rekindle,
  startRekindle,
  type TestProject,
  track,
  waitFor,
} from '../support/rekindle.js';

const DAY_MS = 86_400_000;

describe('ingest', () => {
  let rekindle: Rekindle;
  let project: TestProject;

  beforeAll(async () => {
    rekindle = await startRekindle();
  });
  beforeEach(async () => {
    project = await rekindle.newProject();
  });
  afterAll(() => rekindle.stop());

  const send = async (records: readonly Record<string, unknown>[]) => {
    expect((await rekindle.sendEvents(project.slug, records)).status).toBe(200);
  };
  const find = async (identity: string) =>
    (await project.api('GET', `users?identity=${encodeURIComponent(identity)}`)).json.items[0];
  const timelineOf = async (identity: string) => {
    const user = await find(identity);
    return user ? (await project.api('GET', `users/${user.id}/timeline?limit=500`)).json.items : [];
  };
  const record = (type: string, distinctId: string, properties: Record<string, unknown>) => ({
    ...profileSet(distinctId, properties),
    type,
  });

  it('gives the person after login what was done before it', async () => {
    await send([track('device-1', 'BeforeLogin')]);
    await waitFor(() => find('$identity_anonymous_id:device-1'));
    await send([
      { ...track('ada', '$SignUp'), type: 'track_signup', original_id: 'device-1' },
      { ...track('ada', 'AfterLogin'), login_id: 'ada' },
    ]);
    const events = await waitFor(async () => {
      const items = await timelineOf('$identity_login_id:ada');
      return items.length === 3 && items;
    });
    expect(events.map(({ event }: { event: string }) => event).sort()).toEqual([
      '$SignUp',
      'AfterLogin',
      'BeforeLogin',
    ]);
  });

  it('merges the user of a second device at login, in every count, within seconds', async () => {
    await send([
      { ...track('ben', '$SignUp'), type: 'track_signup', original_id: 'phone' },
      track('tablet', 'OnTablet'),
    ]);
    await waitFor(() => find('$identity_anonymous_id:tablet'));
    await send([{ ...track('ben', '$SignUp'), type: 'track_signup', original_id: 'tablet' }]);
    const anyEvent = { event: '*', window: 'all_time', compare: { op: 'at_least', value: 1 } };
    const preview = () =>
      project.api('POST', 'segments/preview', { definition: { version: 1, where: anyEvent } });
    await waitFor(async () => (await preview()).json.count === 1);
    await waitFor(async () => (await timelineOf('$identity_login_id:ben')).length === 3);
  });

  it('never merges two persons who each have a login', async () => {
    await send([{ ...track('first', '$SignUp'), type: 'track_signup', original_id: 'shared-device' }]);
    await send([{ ...track('second', '$SignUp'), type: 'track_signup', original_id: 'shared-device' }]);
    const second = await waitFor(() => find('$identity_login_id:second'));
    expect(second.id).not.toBe((await find('$identity_login_id:first')).id);
  });

  it('applies profile records in order, each once, also when they are sent again', async () => {
    const records = [
      record('profile_set', 'cleo', { city: 'Ghent', visits: 1 }),
      record('profile_set_once', 'cleo', { city: 'Bruges', source: 'ad' }),
      record('profile_increment', 'cleo', { visits: 2 }),
      record('profile_append', 'cleo', { tags: ['a', 'b'] }),
      record('profile_append', 'cleo', { tags: ['b', 'c'] }),
      record('profile_unset', 'cleo', { source: true }),
    ];
    await send(records);
    await send(records);
    await send([track('cleo', 'Done')]);
    await waitFor(async () => (await timelineOf('$identity_anonymous_id:cleo')).length === 1);
    expect((await find('$identity_anonymous_id:cleo')).properties).toEqual({
      city: 'Ghent',
      visits: 3,
      tags: ['a', 'b', 'c'],
    });
  });

  it('counts a record without a time of its own once by its track id', async () => {
    const { time: _, ...timeless } = track('dora', 'Timeless');
    await send([timeless]);
    await send([timeless]);
    await send([track('dora', 'End')]);
    const events = await waitFor(async () => {
      const items = await timelineOf('$identity_anonymous_id:dora');
      return items.some(({ event }: { event: string }) => event === 'End') && items;
    });
    expect(events).toHaveLength(2);
  });

  it('stores history of many years in one request', async () => {
    const now = Date.now();
    const months = Array.from({ length: 150 }, (_, month) =>
      track('eve', 'History', { month }, now - month * 30 * DAY_MS),
    );
    await send(months);
    await waitFor(async () => (await timelineOf('$identity_anonymous_id:eve')).length === 150);
  });

  it('stores what can be read, and keeps the rest as dead letters with reasons', async () => {
    await send([
      track('fay', 'Good'),
      { type: 'track', event: 'NoOne' },
      { type: 'nonsense', distinct_id: 'fay' },
    ]);
    await waitFor(async () => (await timelineOf('$identity_anonymous_id:fay')).length === 1);
    const letters = await waitFor(async () => {
      const { items } = (await project.api('GET', 'dead-letters')).json;
      return items.length === 2 && items;
    });
    expect(letters.map(({ reason }: { reason: string }) => reason).sort()).toEqual([
      'missing_distinct_id',
      'unknown_record_type',
    ]);
  });
});
