import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Rekindle, startRekindle, track, waitFor } from '../support/rekindle.js';
import { processesWith, queryClickHouse } from '../support/stores.js';

const BATCH = 20;

/** Sends batches until told to stop, and remembers which events were acknowledged. */
function keepSending(rekindle: Rekindle, slug: string, event = 'Load') {
  const acknowledged = new Set<string>();
  let isStopping = false;
  let sequence = 0;
  const senders = Array.from({ length: 4 }, async (_, sender) => {
    while (!isStopping) {
      const records = Array.from({ length: BATCH }, () => {
        const name = `e${sender}-${sequence++}`;
        return track(`user-${sequence % 50}`, event, { name });
      });
      const isAcknowledged = await rekindle.sendEvents(slug, records).then(
        (response) => response.status === 200,
        () => false,
      );
      if (isAcknowledged)
        for (const { properties } of records) acknowledged.add(properties['name'] as string);
      else await new Promise((done) => setTimeout(done, 50));
    }
  });
  return {
    acknowledged,
    /** Not before there were enough: a slow machine takes fewer in the same time. */
    stop: async () => {
      await waitFor(async () => acknowledged.size > 1_000);
      isStopping = true;
      await Promise.all(senders);
    },
  };
}

/** Waits until all that was acknowledged is stored, and sees that nothing is stored twice. */
async function expectEachOnce(
  rekindle: Rekindle,
  event: string,
  acknowledged: ReadonlySet<string>,
): Promise<void> {
  expect(acknowledged.size).toBeGreaterThan(1_000);
  const count = () =>
    queryClickHouse<{ name: string; n: number }>(
      rekindle,
      `SELECT toString(properties.name) AS name, toUInt32(count()) AS n FROM event WHERE event = '${event}' GROUP BY name`,
    );
  await waitFor(async () => {
    const names = new Set((await count()).map(({ name }) => name));
    return [...acknowledged].every((name) => names.has(name));
  }, 90_000);
  expect((await count()).filter(({ n }) => n !== 1)).toEqual([]);
}

/** The process of an embedded engine, once it runs: the postmaster, or the one that ClickHouse runs in. */
async function findEngine(rekindle: Rekindle, name: string): Promise<number> {
  const folder = join(rekindle.dataDir, name);
  return waitFor(async () => {
    const running = await processesWith(folder);
    if (name === 'clickhouse') return running[0];
    const [postmaster] = (await readFile(join(folder, 'postmaster.pid'), 'utf8')).split('\n');
    return running.find((pid) => pid === Number(postmaster));
  });
}

describe('promises 1 and 2: a 200 means durable, and once in every count', () => {
  let rekindle: Rekindle;
  beforeAll(async () => {
    rekindle = await startRekindle({ LOG_LEVEL: 'silent' });
  });
  afterAll(() => rekindle.stop());

  it('keeps every acknowledged event exactly once through kill -9 under load', async () => {
    const { slug } = await rekindle.newProject();
    const load = keepSending(rekindle, slug);
    for (let i = 0; i < 4; i++) {
      await sleep(1_500);
      await rekindle.kill();
      await rekindle.launch();
    }
    await sleep(1_000);
    await load.stop();
    await expectEachOnce(rekindle, 'Load', load.acknowledged);
  }, 300_000);

  it.each(['postgres', 'clickhouse'])(
    'keeps every acknowledged event exactly once while %s is killed under load again and again',
    async (engine) => {
      const { slug } = await rekindle.newProject();
      const load = keepSending(rekindle, slug, engine);
      for (let i = 0; i < 4; i++) {
        await sleep(1_500);
        process.kill(await findEngine(rekindle, engine), 'SIGKILL');
      }
      await findEngine(rekindle, engine);
      await sleep(1_500);
      await load.stop();
      await expectEachOnce(rekindle, engine, load.acknowledged);
    },
    300_000,
  );

  it('counts a batch that is sent again once, also after a restart', async () => {
    const { slug } = await rekindle.newProject();
    const records = Array.from({ length: 50 }, (_, i) => track(`user-${i}`, 'Again', { i }));
    await rekindle.sendEvents(slug, records);
    await rekindle.sendEvents(slug, [...records].reverse());
    await rekindle.kill();
    await rekindle.launch();
    await rekindle.sendEvents(slug, records);
    await rekindle.sendEvents(slug, [track('last', 'AgainEnd')]);
    const total = (event: string) =>
      queryClickHouse<{ n: number }>(
        rekindle,
        `SELECT toUInt32(count()) AS n FROM event WHERE event = '${event}'`,
      );
    await waitFor(async () => (await total('AgainEnd'))[0]?.n === 1);
    expect(await total('Again')).toEqual([{ n: 50 }]);
  });
});
