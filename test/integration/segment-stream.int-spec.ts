import { Config } from '../../src/platform/config/config.js';
import { Kafka } from '../../src/platform/kafka/kafka.js';
import { KafkaBroker, kafkaLibs } from '../support/kafka-broker.js';
import { type Rekindle, startRekindle, type TestProject, track, waitFor } from '../support/rekindle.js';

interface Told {
  id: string;
  project: string;
  segment: { id: string; name: string; version: number };
  source: 'run' | 'live';
  runId: string | null;
  userId: string;
  change: 'entered' | 'exited';
}

/** Who paid and did not take it back. */
const KEPT = {
  version: 1,
  where: {
    all: [
      { event: 'pay', window: 'all_time', compare: { op: 'at_least', value: 1 } },
      { event: 'refund', window: 'all_time', compare: { op: 'at_most', value: 0 } },
    ],
  },
};
/** Needs Java, and Kafka's jars in the folder TEST_KAFKA_LIBS; CI brings both. */
(kafkaLibs === undefined ? describe.skip : describe)('The changes of a segment in Kafka', () => {
  let broker: KafkaBroker;
  let rekindle: Rekindle;
  let project: TestProject;
  let topics = 0;

  beforeAll(async () => {
    broker = await KafkaBroker.start();
    rekindle = await startRekindle({
      SEGMENT_LIVE_SECONDS: '1',
      KAFKA_BROKERS: broker.withTls,
      KAFKA_TLS: 'on',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256',
      KAFKA_USERNAME: broker.login.username,
      KAFKA_PASSWORD: broker.login.password,
      NODE_EXTRA_CA_CERTS: broker.caFile,
    });
  });
  beforeEach(async () => {
    project = await rekindle.newProject();
  });
  afterAll(async () => {
    await rekindle?.stop();
    await broker?.stop();
  });

  const newTopic = () => `rekindle.test-${topics++}`;

  async function create(topic: string, body: Record<string, unknown>): Promise<string> {
    const made = await project.api('POST', 'segments', {
      name: `to ${topic}`,
      ...body,
      changes: { kafkaTopic: topic },
    });
    expect(made.status).toBe(201);
    return made.json.id as string;
  }

  async function send(...records: Record<string, unknown>[]): Promise<void> {
    expect((await rekindle.sendEvents(project.slug, records)).status).toBe(200);
  }

  const streamOf = async (id: string) => (await project.api('GET', `segments/${id}/stream`)).json;

  async function changesOf(id: string): Promise<{ userId: string; change: string }[]> {
    const found = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { json } = await project.api('GET', `segments/${id}/changes?limit=500${query}`);
      found.push(...json.items);
      cursor = json.nextCursor;
    }
    return found.reverse();
  }

  /** Every record once, in the order of its first writing. */
  async function toldIn(topic: string): Promise<Told[]> {
    const byId = new Map<string, Told>();
    for (const { key, value } of await broker.read(topic)) {
      const told = JSON.parse(value) as Told;
      expect(key).toBe(told.userId);
      if (!byId.has(told.id)) byId.set(told.id, told);
    }
    return [...byId.values()];
  }

  async function expectAllTold(id: string, topic: string, count: number): Promise<Told[]> {
    const changes = await waitFor(async () => {
      const found = await changesOf(id);
      return found.length === count && (await streamOf(id)).waitingBatches === 0 ? found : null;
    });
    const told = await toldIn(topic);
    expect(byUser(told)).toEqual(byUser(changes));
    return told;
  }

  it('wait for their topic, and come in order when it is there', async () => {
    const topic = newTopic();
    const id = await create(topic, { definition: KEPT, live: true });
    await waitFor(async () => (await project.api('GET', `segments/${id}/live`)).json.state === 'current');
    await send(track('a', 'pay'), track('b', 'pay'));
    await waitFor(async () => (await changesOf(id)).length === 2);
    await send(track('a', 'refund'));
    const waiting = await waitFor(async () => {
      const state = await streamOf(id);
      return state.failure && state.waitingBatches >= 2 ? state : null;
    });
    expect(waiting).toMatchObject({
      topic,
      failure: {
        reason: 'unknown_topic',
        message: expect.stringContaining(`The topic ${topic} is not in Kafka`),
      },
    });

    await broker.createTopic(topic);
    const told = await expectAllTold(id, topic, 3);
    expect(told[0]).toMatchObject({
      project: project.slug,
      segment: { id, name: `to ${topic}`, version: 1 },
      source: 'live',
      runId: null,
    });
    expect((await streamOf(id)).failure).toBeNull();
  }, 240_000);

  it('are written by runs too, however many they are', async () => {
    const topic = newTopic();
    await broker.createTopic(topic, 1);
    const id = await create(topic, { definition: KEPT });
    const run = async () => {
      const started = await project.api('POST', `segments/${id}/runs`, {});
      await waitFor(async () => {
        const { json } = await project.api('GET', `segments/${id}/runs/${started.json.id}`);
        return json.state === 'done';
      });
      return started.json.id as string;
    };
    await run();
    const users = Array.from({ length: 2_500 }, (_, index) => `many-${index}`);
    await send(...users.map((user) => track(user, 'pay')));
    await waitFor(async () => {
      const { json } = await project.api('POST', 'segments/preview', { definition: KEPT });
      return json.count === users.length;
    });
    const runId = await run();
    const told = await expectAllTold(id, topic, users.length);
    expect(new Set(told.map((change) => `${change.source} ${change.runId}`))).toEqual(
      new Set([`run ${runId}`]),
    );
  }, 240_000);

  it('are all there, in order, after Kafka and the service were killed again and again', async () => {
    const topic = newTopic();
    await broker.createTopic(topic);
    const id = await create(topic, { definition: KEPT, live: true });
    await waitFor(async () => (await project.api('GET', `segments/${id}/live`)).json.state === 'current');
    let count = 0;
    for (let round = 0; round < 2; round++) {
      const users = Array.from({ length: 40 }, (_, index) => `k${round}-${index}`);
      await send(...users.map((user) => track(user, 'pay')));
      count += users.length;
      await waitFor(async () => (await changesOf(id)).length === count);
      if (round === 0) await broker.kill();
      await send(...users.slice(0, 20).map((user) => track(user, 'refund')));
      count += 20;
      await new Promise((done) => setTimeout(done, 300 * round));
      await rekindle.kill();
      await rekindle.launch();
      if (round === 0) await broker.launch();
    }
    await expectAllTold(id, topic, count);
  }, 240_000);

  it('go to the topic of the moment, and nowhere once there is none', async () => {
    const [wrong, right] = [newTopic(), newTopic()];
    await broker.createTopic(right);
    const id = await create(wrong, { definition: KEPT, live: true });
    await waitFor(async () => (await project.api('GET', `segments/${id}/live`)).json.state === 'current');
    const failed = (reason: string) => waitFor(async () => (await streamOf(id)).failure?.reason === reason);
    await send(track('moved', 'pay'));
    await failed('unknown_topic');
    const patched = await project.api('PATCH', `segments/${id}`, { changes: { kafkaTopic: right } });
    expect(patched.status).toBe(200);
    await expectAllTold(id, right, 1);

    await project.api('PATCH', `segments/${id}`, { changes: { kafkaTopic: wrong } });
    await send(track('lost', 'pay'));
    await failed('unknown_topic');
    await project.api('PATCH', `segments/${id}`, { changes: { record: false } });
    await waitFor(async () => (await streamOf(id)).waitingBatches === 0);
    expect(await streamOf(id)).toEqual({ topic: null, waitingBatches: 0, waitingSince: null, failure: null });
    const measured = await fetch(`${rekindle.url}/metrics`, {
      headers: { authorization: `Bearer ${rekindle.adminKey}` },
    });
    expect(await measured.text()).toContain('segment_stream_dropped_total{reason="no_topic"} 1\n');
  }, 240_000);

  it('reach only topics with the prefix of the installation', async () => {
    for (const kafkaTopic of ['orders', 'rekindle.']) {
      const answer = await project.api('POST', 'segments', {
        name: `to ${kafkaTopic}`,
        definition: KEPT,
        changes: { kafkaTopic },
      });
      expect(answer.status).toBe(422);
      expect(answer.json.errors).toEqual([
        {
          pointer: '/changes/kafkaTopic',
          code: 'topic_not_allowed',
          detail: 'The topic must begin with rekindle., as KAFKA_TOPIC_PREFIX says.',
        },
      ]);
    }
  });

  it.each(['PLAIN', 'SCRAM-SHA-512'])('need a login by %s that the brokers take', async (mechanism) => {
    const topic = newTopic();
    await broker.createTopic(topic);
    const write = async (password: string) => {
      const kafka = new Kafka(
        Config.parse({
          KAFKA_BROKERS: broker.withLogin,
          KAFKA_SASL_MECHANISM: mechanism,
          KAFKA_USERNAME: broker.login.username,
          KAFKA_PASSWORD: password,
        }),
      );
      try {
        await kafka.write(topic, [{ key: 'k', value: 'v', timeMs: Date.now() }]);
      } finally {
        await kafka.close();
      }
    };
    await expect(write('wrong')).rejects.toMatchObject({ reason: 'not_allowed' });
    expect(await broker.read(topic)).toEqual([]);
    await write(broker.login.password);
    expect(await broker.read(topic)).toMatchObject([{ key: 'k', value: 'v' }]);
  });
});

function byUser(changes: readonly { userId: string; change: string }[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { userId, change } of changes) found[userId] = [...(found[userId] ?? []), change];
  return found;
}
