import { endLeases, makeDue } from '../support/make-due.js';
import { type Rekindle, startRekindle, type TestProject, track, waitFor } from '../support/rekindle.js';
import { untilStored } from '../support/stored-events.js';

const DAY_MS = 86_400_000;
const LAPSED_PAYERS = {
  version: 1,
  where: {
    all: [
      { event: 'pay', window: { last: { days: 30 } }, compare: { op: 'at_least', value: 2 } },
      { event: '*', window: { last: { days: 7 } }, compare: { op: 'at_most', value: 0 } },
    ],
  },
};

describe('A segment', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  const now = Date.now();
  const daysAgo = (days: number) => now - days * DAY_MS;

  async function send(...records: Record<string, unknown>[]) {
    expect((await rekindle.sendEvents(project.slug, records)).status).toBe(200);
  }

  async function preview(where: unknown) {
    const answer = await project.api('POST', 'segments/preview', { definition: { version: 1, where } });
    expect(answer.status).toBe(200);
    return answer.json;
  }

  async function createSegment(body: Record<string, unknown> = {}) {
    const made = await project.api('POST', 'segments', {
      name: `lapsed payers ${Math.random()}`,
      definition: LAPSED_PAYERS,
      ...body,
    });
    expect(made.status).toBe(201);
    return made.json;
  }

  async function runSegment(segmentId: string, body: Record<string, unknown> = {}) {
    const started = await project.api('POST', `segments/${segmentId}/runs`, body);
    expect(started.status).toBe(202);
    return waitFor(async () => {
      const { json } = await project.api('GET', `segments/${segmentId}/runs/${started.json.id}`);
      return json.state === 'done' || json.state === 'failed' ? json : null;
    });
  }

  async function membersOf(segmentId: string, runId: string): Promise<string[]> {
    const { json } = await project.api('GET', `segments/${segmentId}/runs/${runId}/members`);
    return json.items.map(({ userId }: { userId: string }) => userId);
  }

  beforeAll(async () => {
    rekindle = await startRekindle();
    project = await rekindle.newProject('Asia/Shanghai');
    await send(
      track('lapsed', 'pay', { amount: 20 }, daysAgo(20)),
      track('lapsed', 'pay', { amount: 30.5 }, daysAgo(10)),
      track('active', 'pay', { amount: 5 }, daysAgo(20)),
      track('active', 'pay', { amount: 5 }, daysAgo(10)),
      track('active', 'view', {}, daysAgo(1)),
      track('once', 'pay', { amount: 99, born: '2026-01-01' }, daysAgo(15)),
      track('old', 'pay', { amount: 1 }, daysAgo(40)),
      track('old', 'pay', { amount: '1' }, daysAgo(50)),
    );
    await untilStored(project, 8);
    // Absence is about everyone who has a profile.
    const nobody = { event: 'never', window: 'all_time', compare: { op: 'at_most', value: 0 } };
    await waitFor(async () => (await preview(nobody)).count === 4);
  });
  afterAll(() => rekindle?.stop());

  it('is previewed with its size, a sample, its cost and its query', async () => {
    const found = await preview(LAPSED_PAYERS.where);
    expect(found).toMatchObject({ count: 1, sample: [expect.stringMatching(/^usr_\d+$/)], warnings: [] });
    expect(found.rowsRead).toBeGreaterThan(0);
    expect(found.sql).toContain('{p1:UInt32}');
  });

  it('warns of an event that was never received', async () => {
    const found = await preview({ event: 'paid', window: 'all_time', compare: { op: 'at_least', value: 1 } });
    expect(found.warnings).toEqual([
      {
        pointer: '/definition/where/event',
        code: 'unknown_event',
        detail: 'No event paid was ever received. The name most like it is pay.',
      },
    ]);
  });

  it('keeps numbers, text and what looks like a date apart', async () => {
    const pay = (filter: unknown) => ({
      event: 'pay',
      where: [filter],
      window: 'all_time',
      compare: { op: 'at_least', value: 1 },
    });
    expect((await preview(pay({ property: 'amount', op: 'equals', value: '1' }))).count).toBe(1);
    expect((await preview(pay({ property: 'amount', op: 'equals', value: 1 }))).count).toBe(1);
    expect((await preview(pay({ property: 'amount', op: 'equals', value: '20' }))).count).toBe(0);
    expect((await preview(pay({ property: 'born', op: 'equals', value: '2026-01-01' }))).count).toBe(1);
  });

  it('runs when it is asked to, and keeps members, counts and query', async () => {
    const segment = await createSegment();
    const run = await runSegment(segment.id);
    expect(run).toMatchObject({
      state: 'done',
      trigger: 'manual',
      version: 1,
      memberCount: 1,
      enteredCount: 1,
      exitedCount: 0,
      attempts: 1,
      error: null,
    });
    expect(run.sql).toContain('HAVING');
    expect(run.params.p1).toEqual(expect.any(Number));

    const [userId] = await membersOf(segment.id, run.id);
    const membership = await project.api('GET', `segments/${segment.id}/members/${userId}`);
    expect(membership.json).toEqual({ userId, isMember: true, runId: run.id, asOf: run.asOf });
    const stranger = await project.api('GET', `segments/${segment.id}/members/usr_999999`);
    expect(stranger.json.isMember).toBe(false);
    const shown = await project.api('GET', `segments/${segment.id}`);
    expect(shown.json.latestRun.id).toBe(run.id);
  });

  it('can be run as of a past moment, and counts who entered and who left since', async () => {
    const segment = await createSegment();
    // At that time the two old payments were within 30 days, and the later ones had not happened.
    const past = await runSegment(segment.id, { asOf: new Date(daysAgo(22)).toISOString() });
    expect(past).toMatchObject({ memberCount: 1, enteredCount: 1 });
    const present = await runSegment(segment.id);
    expect(present).toMatchObject({ memberCount: 1, enteredCount: 1, exitedCount: 1 });
    const again = await project.api('POST', `segments/${segment.id}/runs`, { asOf: past.asOf });
    expect(again.json.id).toBe(past.id);

    const future = await project.api('POST', `segments/${segment.id}/runs`, {
      asOf: new Date(now + DAY_MS).toISOString(),
    });
    expect(future.status).toBe(422);
    expect(future.json.errors[0].pointer).toBe('/asOf');
  });

  it('sees persons who were merged as one, also for events from before', async () => {
    const target = 'merge-target';
    const anonymous = 'merge-anonymous';
    await send(
      track(target, 'subscribe', { $is_login_id: true }, daysAgo(3)),
      track(anonymous, 'subscribe', {}, daysAgo(2)),
    );
    const twice = {
      event: 'subscribe',
      window: { last: { days: 30 } },
      compare: { op: 'at_least', value: 2 },
    };
    const once = { ...twice, compare: { op: 'at_least', value: 1 } };
    await waitFor(async () => (await preview(once)).count === 2);
    expect((await preview(twice)).count).toBe(0);
    await send({ ...track(target, '$SignUp'), type: 'track_signup', original_id: anonymous });
    await waitFor(async () => (await preview(twice)).count === 1);
  });

  it('runs by its schedule', async () => {
    const segment = await createSegment({ schedule: { cron: '* * * * *', timeZone: 'Europe/Berlin' } });
    expect(Date.parse(segment.nextRunAt) % 60_000).toBe(0);
    const dueAt = await makeDue(rekindle, 'segment', segment.id);
    const run = await waitFor(async () => {
      const { json } = await project.api('GET', `segments/${segment.id}/runs`);
      return json.items.find(
        ({ state, asOf }: { state: string; asOf: string }) => state === 'done' && asOf >= dueAt,
      );
    });
    expect(run).toMatchObject({ trigger: 'schedule', memberCount: 1 });
    expect(Date.parse(run.asOf) % 60_000).toBe(0);
    // The run may be of the minute that began before it was put earlier; then the next moment follows.
    const nextRunAt = await waitFor(async () => {
      const { json } = await project.api('GET', `segments/${segment.id}`);
      return json.nextRunAt > dueAt ? (json.nextRunAt as string) : null;
    });
    expect(Date.parse(nextRunAt) % 60_000).toBe(0);
    const paused = await project.api('PATCH', `segments/${segment.id}`, { state: 'paused' });
    expect(paused.json.nextRunAt).toBeNull();
  });

  it('keeps every version of its definition', async () => {
    const segment = await createSegment();
    const where = { event: 'pay', window: 'all_time', compare: { op: 'at_least', value: 1 } };
    const changed = await project.api('PATCH', `segments/${segment.id}`, {
      definition: { version: 1, where },
    });
    expect(changed.json.version).toBe(2);
    const same = await project.api('PATCH', `segments/${segment.id}`, { definition: { version: 1, where } });
    expect(same.json.version).toBe(2);
    const versions = await project.api('GET', `segments/${segment.id}/versions`);
    expect(versions.json.items.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
    expect(await runSegment(segment.id)).toMatchObject({ version: 2, memberCount: 4 });
  });

  it.each([
    [
      'a bad definition',
      { definition: { version: 1, where: { all: [{ event: 'a' }] } } },
      '/definition/where/all/0/window',
    ],
    ['a bad cron', { schedule: { cron: '0 0 0 0 0' } }, '/schedule/cron'],
    ['a bad time zone', { schedule: { cron: '0 9 * * *', timeZone: 'Mars/Olympus' } }, '/schedule/timeZone'],
    ['an unknown field', { colour: 'red' }, '/colour'],
  ])('is refused with %s, and the answer names the field', async (_, change, pointer) => {
    const answer = await project.api('POST', 'segments', {
      name: 'bad',
      definition: LAPSED_PAYERS,
      ...change,
    });
    expect(answer.status).toBe(422);
    expect(answer.json.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('has a name of its own until it is archived', async () => {
    const segment = await createSegment({ name: 'taken' });
    expect((await project.api('POST', 'segments', { name: 'taken', definition: LAPSED_PAYERS })).status).toBe(
      409,
    );
    expect((await project.api('DELETE', `segments/${segment.id}`)).status).toBe(204);
    await createSegment({ name: 'taken' });
    expect((await project.api('POST', `segments/${segment.id}/runs`, {})).status).toBe(409);
    const listed = await project.api('GET', 'segments?limit=500');
    expect(listed.json.items.map(({ id }: { id: string }) => id)).not.toContain(segment.id);
  });

  it('is invisible to another project', async () => {
    const segment = await createSegment();
    const other = await rekindle.newProject();
    expect((await other.api('GET', `segments/${segment.id}`)).status).toBe(404);
    expect((await other.api('POST', `segments/${segment.id}/runs`, {})).status).toBe(404);
  });

  it('finishes every run that was asked for, although its process is killed', async () => {
    const segments = await Promise.all(Array.from({ length: 4 }, () => createSegment()));
    const started = await Promise.all(
      segments.map(({ id }) => project.api('POST', `segments/${id}/runs`, {})),
    );
    expect(started.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    await rekindle.kill();
    await rekindle.launch();
    await endLeases(rekindle, 'segment_run');
    for (const { json } of started) {
      const run = await waitFor(async () => {
        const answer = await project.api('GET', `segments/${json.segmentId}/runs/${json.id}`);
        return answer.json.state === 'done' ? answer.json : null;
      }, 120_000);
      expect(run).toMatchObject({ memberCount: 1, enteredCount: 1 });
      expect(await membersOf(run.segmentId, run.id)).toHaveLength(1);
    }
  }, 180_000);
});
