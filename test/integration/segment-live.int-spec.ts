import { createClient } from '@clickhouse/client';
import {
  profileSet,
  type Rekindle,
  startRekindle,
  type TestProject,
  track,
  waitFor,
} from '../support/rekindle.js';
import { clickhouseUrlOf, queryClickHouse } from '../support/stores.js';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

interface Change {
  userId: string;
  change: 'entered' | 'exited';
  source: 'run' | 'live';
  runId: string | null;
  version: number;
}
interface Call {
  segment?: { id: string; version: number };
  changes?: { userId: string; change: string }[];
  trigger?: { id: string };
  userId?: string;
  event?: { name: string; properties: Record<string, unknown> };
}

const MINUTE_MS = 60_000;
const paidWithin = (minutes: number) => ({
  version: 1,
  where: { event: 'pay', window: { last: { minutes } }, compare: { op: 'at_least', value: 1 } },
});

describe('A live segment', () => {
  let rekindle: Rekindle;
  let receiver: WebhookReceiver<Call>;

  beforeAll(async () => {
    receiver = await startWebhookReceiver<Call>();
    rekindle = await startRekindle({
      OUTBOUND_ALLOW_HOSTS: receiver.host,
      SEGMENT_LIVE_SECONDS: '1',
    });
  });
  afterAll(async () => {
    await rekindle.stop();
    await receiver.stop();
  });

  const hook = () => `http://${receiver.host}/changes`;

  function within(project: TestProject) {
    const send = async (...records: Record<string, unknown>[]) => {
      expect((await rekindle.sendEvents(project.slug, records)).status).toBe(200);
    };
    const create = async (body: Record<string, unknown>) => {
      const made = await project.api('POST', 'segments', { name: `s${Math.random()}`, ...body });
      expect(made.status).toBe(201);
      return made.json as { id: string; live: boolean; changes: unknown };
    };
    const membersOf = async (id: string) => {
      const { status, json } = await project.api('GET', `segments/${id}/members?limit=500`);
      return status === 200 ? (json.items as { userId: string }[]).map(({ userId }) => userId) : null;
    };
    const changesOf = async (id: string) =>
      (await project.api('GET', `segments/${id}/changes?limit=500`)).json.items as Change[];
    const countOf = async (definition: unknown) =>
      (await project.api('POST', 'segments/preview', { definition })).json.count as number;
    const run = async (id: string) => {
      const started = await project.api('POST', `segments/${id}/runs`, {});
      await waitFor(async () => {
        const { json } = await project.api('GET', `segments/${id}/runs/${started.json.id}`);
        return json.state === 'done';
      });
      return started.json.id as string;
    };
    return { send, create, membersOf, changesOf, countOf, run };
  }

  it('follows events, profiles and time within its interval, and tells of each change once', async () => {
    const project = await rekindle.newProject();
    const { send, create, membersOf, changesOf, countOf, run } = within(project);
    await send(track('before', 'pay'));
    await waitFor(async () => (await countOf(paidWithin(1))) === 1);
    const segment = await create({
      definition: paidWithin(1),
      live: true,
      changes: { record: true, webhookUrl: hook() },
    });
    expect(segment).toMatchObject({
      live: true,
      changes: { record: true, webhookUrl: hook(), kafkaTopic: null },
    });
    const made = await project.api('POST', 'triggers', {
      name: 'Came in',
      rule: {
        version: 1,
        on: {
          event: '$SegmentEntered',
          where: [{ property: 'segment_id', op: 'equals', value: segment.id }],
        },
        actions: [{ type: 'webhook', url: hook() }],
      },
    });
    expect(made.status).toBe(201);
    await waitFor(async () => (await membersOf(segment.id))?.length === 1);
    // Whom the first build finds was a member before anybody watched.
    expect(await changesOf(segment.id)).toEqual([]);

    await send(track('comes', 'pay', {}, Date.now() - MINUTE_MS + 15_000), track('other', 'view'));
    const entered = await waitFor(async () =>
      (await changesOf(segment.id)).find(({ change }) => change === 'entered'),
    );
    expect(await membersOf(segment.id)).toContain(entered.userId);
    const left = await waitFor(async () =>
      (await changesOf(segment.id)).find(
        ({ change, userId }) => change === 'exited' && userId === entered.userId,
      ),
    );
    expect(left).toMatchObject({ source: 'live', runId: null, version: 1 });
    expect(await membersOf(segment.id)).not.toContain(entered.userId);

    const own = await waitFor(async () => {
      const { json } = await project.api('GET', `users/${entered.userId}/timeline`);
      const names = (json.items as { event: string }[]).map(({ event }) => event);
      return names.includes('$SegmentExited') ? names : null;
    });
    expect(own.filter((name) => name.startsWith('$Segment'))).toEqual(['$SegmentExited', '$SegmentEntered']);
    // A call may be about the other user alone.
    const ofSegment = await waitFor(async () => {
      const calls = receiver.calls.filter((call) => call.segment?.id === segment.id);
      const told = calls.flatMap(
        ({ changes }) => changes?.find(({ userId }) => userId === entered.userId) ?? [],
      );
      return told.length >= 2 ? told : null;
    });
    expect(ofSegment.map(({ change }) => change)).toEqual(expect.arrayContaining(['entered', 'exited']));
    const fired = await waitFor(async () => {
      const calls = receiver.calls.filter((call) => call.trigger?.id === made.json.id);
      return calls.length > 0 ? calls : null;
    });
    expect(fired).toHaveLength(1);
    expect(fired[0]).toMatchObject({
      userId: entered.userId,
      event: { name: '$SegmentEntered', properties: { segment_id: segment.id, segment_version: 1 } },
    });

    // A run agrees, so that it changes and tells nothing.
    const told = await changesOf(segment.id);
    await run(segment.id);
    const ranAt = Date.now();
    await waitFor(async () => {
      const { json } = await project.api('GET', `segments/${segment.id}/live`);
      return json.state === 'current' && json.error === null && Date.parse(json.asOf) > ranAt;
    });
    expect((await changesOf(segment.id)).filter(({ change }) => change === 'entered')).toEqual(
      told.filter(({ change }) => change === 'entered'),
    );
  }, 240_000);

  it('is computed anew where its definition, or that of a segment it names, changes', async () => {
    const project = await rekindle.newProject();
    const { send, create, membersOf, changesOf, countOf, run } = within(project);
    const inCity = (value: string) => ({
      version: 1,
      where: { profile: { property: 'city', op: 'equals', value } },
    });
    await send(profileSet('a', { city: 'Shenzhen' }), profileSet('b', { city: 'Guangzhou' }));
    // Who comes behind the first build would be a change.
    for (const city of ['Shenzhen', 'Guangzhou'])
      await waitFor(async () => (await countOf(inCity(city))) === 1);
    const named = await create({ definition: inCity('Shenzhen') });
    const live = await create({ definition: { version: 1, where: { segment: named.id } }, live: true });
    const [before] = await waitFor(async () => {
      const members = await membersOf(live.id);
      return members?.length === 1 ? members : null;
    });
    await project.api('PATCH', `segments/${named.id}`, { definition: inCity('Guangzhou') });
    const [after] = await waitFor(async () => {
      const members = await membersOf(live.id);
      return members?.length === 1 && members[0] !== before ? members : null;
    });
    const changes = await waitFor(async () => {
      const found = await changesOf(live.id);
      return found.length === 2 ? found : null;
    });
    expect(changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ userId: before, change: 'exited' }),
        expect.objectContaining({ userId: after, change: 'entered' }),
      ]),
    );
    const paged = await project.api('GET', `segments/${live.id}/changes?limit=1`);
    const rest = await project.api(
      'GET',
      `segments/${live.id}/changes?limit=1&cursor=${paged.json.nextCursor}`,
    );
    expect([...paged.json.items, ...rest.json.items]).toEqual(changes);

    expect((await project.api('GET', `segments/${live.id}/members/${after}`)).json.isMember).toBe(true);

    // A run puts right what should never be wrong, and counts it.
    const client = createClient({ url: await clickhouseUrlOf(rekindle), database: 'rekindle' });
    await client.command({
      query: `INSERT INTO segment_live (build, user_id, is_member, edge, tick)
              SELECT max(build) AS last, {user:UInt64}, 1, 0, 0 FROM segment_live`,
      query_params: { user: String(before).slice('usr_'.length) },
    });
    await client.close();
    expect(await membersOf(live.id)).toHaveLength(2);
    await run(live.id);
    await waitFor(async () => (await membersOf(live.id))?.length === 1);
    const measured = await fetch(`${rekindle.url}/metrics`, {
      headers: { authorization: `Bearer ${rekindle.adminKey}` },
    });
    expect(await measured.text()).toContain('segment_live_healed_total 1\n');

    await project.api('PATCH', `segments/${live.id}`, { live: false });
    // Without live members, those of its latest run.
    const ofRun = await project.api('GET', `segments/${live.id}/members`);
    expect([ofRun.status, ofRun.json.runId]).toEqual([200, expect.stringMatching(/^run_/)]);
  }, 240_000);

  it('has no topic of Kafka where the installation has no Kafka', async () => {
    const project = await rekindle.newProject();
    const answer = await project.api('POST', 'segments', {
      name: 'streamed',
      definition: paidWithin(1),
      changes: { kafkaTopic: 'rekindle.changes' },
    });
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toEqual([
      {
        pointer: '/changes/kafkaTopic',
        code: 'no_kafka',
        detail: 'This installation has no Kafka: its operator sets KAFKA_BROKERS.',
      },
    ]);
  });

  it('that is none tells of changes by its runs, where it is asked to, but not by the first', async () => {
    const project = await rekindle.newProject();
    const { send, create, changesOf, run } = within(project);
    await send(track('first', 'pay'));
    const plain = await create({ definition: paidWithin(600) });
    const told = await create({ definition: paidWithin(600), changes: { record: true } });
    await waitFor(async () => {
      await run(told.id);
      const { json } = await project.api('GET', `segments/${told.id}`);
      return json.latestRun.memberCount === 1;
    });
    await run(plain.id);
    const known = await changesOf(told.id);
    await send(track('second', 'pay'));
    // Changes are told behind their run, so the run that found this one may not be the last.
    const entered = await waitFor(async () => {
      await run(told.id);
      return (await changesOf(told.id)).find(({ runId }) => known.every((change) => change.runId !== runId));
    });
    expect(entered).toMatchObject({ change: 'entered', source: 'run', version: 1 });
    await run(plain.id);
    expect(await changesOf(plain.id)).toEqual([]);
    // Only where the first run came before the first event was stored is there another entry.
    expect(known.length).toBeLessThanOrEqual(1);
    await waitFor(async () => {
      const { json } = await project.api('GET', `users/${entered.userId}/timeline`);
      return (json.items as { event: string; properties: Record<string, unknown> }[]).some(
        ({ event, properties }) =>
          event === '$SegmentEntered' &&
          properties['segment_id'] === told.id &&
          properties['run_id'] === entered.runId,
      );
    });
  }, 240_000);

  it('is right, and has told each change once, after the process was killed again and again', async () => {
    const project = await rekindle.newProject();
    const { send, create, membersOf, changesOf, countOf } = within(project);
    const definition = {
      version: 1,
      where: {
        all: [
          paidWithin(600).where,
          { event: 'refund', window: 'all_time', compare: { op: 'at_most', value: 0 } },
        ],
      },
    };
    await send(track('u0', 'view'));
    const segment = await create({ definition, live: true, changes: { record: true } });
    await waitFor(async () => (await membersOf(segment.id)) !== null);
    for (let round = 0; round < 2; round++) {
      for (let part = 0; part < 6; part++) {
        const users = Array.from({ length: 20 }, (_, index) => `u${round}-${part}-${index}`);
        await send(...users.map((user) => track(user, 'pay')));
        if (part > 1)
          await send(
            ...users.slice(0, 5).map((user) => track(user.replace(`-${part}-`, `-${part - 2}-`), 'refund')),
          );
        await new Promise((done) => setTimeout(done, 150 + 130 * round));
      }
      await rekindle.kill();
      await rekindle.launch();
    }
    await waitFor(async () => {
      const members = await membersOf(segment.id);
      return members?.length === 200 && (await countOf(definition)) === 200;
    });
    // Changes are written behind the members.
    const changes = await waitFor(async () => {
      const found = await changesOf(segment.id);
      const entered = found.filter(({ change }) => change === 'entered').length;
      return entered - (found.length - entered) === 200 ? found : null;
    });
    const members = new Set(await membersOf(segment.id));
    const kindsOf = new Map<string, string[]>();
    for (const { userId, change } of changes) kindsOf.set(userId, [...(kindsOf.get(userId) ?? []), change]);
    for (const [userId, kinds] of kindsOf)
      expect(kinds).toEqual(members.has(userId) ? ['entered'] : ['exited', 'entered']);
    expect([...members].filter((userId) => !kindsOf.has(userId))).toEqual([]);
    const told = await waitFor(async () => {
      const rows = await queryClickHouse<{ times: number }>(
        rekindle,
        `SELECT count()::UInt32 AS times FROM event WHERE event LIKE '$Segment%' AND properties.segment_id = '${segment.id}' GROUP BY event, user_id`,
      );
      return rows.length === changes.length ? rows : null;
    });
    expect(told.filter(({ times }) => times !== 1)).toEqual([]);
  }, 240_000);
});
