import { gzipSync } from 'node:zlib';
import { Client } from 'pg';
import { type Rekindle, startRekindle, waitFor } from '../support/rekindle.js';
import { clickhouseUrlOf, databaseUrlOf, queryClickHouse } from '../support/stores.js';

/** A million takes some minutes: EVENTS=1000000 npm run test:e2e -- --testPathPatterns shuffled */
const EVENTS = Number(process.env['EVENTS'] ?? 100_000);
const USERS = Math.ceil(EVENTS / 50);
const BATCH = 100;
const SENDERS = 8;
const FIRST_AT = Date.UTC(2026, 5, 1);
const SECRET_KEY = 'a-secret-key-that-all-share-0123456789';

type Record = { [key: string]: unknown };

/** Devices that look and pay, of which one in five logs in, and whose visits are counted in their profiles. */
function makeRecords(): Record[] {
  return Array.from({ length: EVENTS }, (_, i) => {
    const user = (i * 7_919) % USERS;
    const base = {
      _track_id: i + 1,
      time: FIRST_AT + i * 1_000,
      time_free: true,
      distinct_id: `device-${user}`,
    };
    if (i % 50 === 49) return { ...base, type: 'profile_increment', properties: { visits: 1 + (i % 3) } };
    if (i % 100 === 3 && user % 5 === 0) {
      const ids = { distinct_id: `member-${user}`, original_id: `device-${user}` };
      return { ...base, ...ids, type: 'track_signup', event: '$SignUp', properties: {} };
    }
    const event = ['View', 'Pay', 'Search'][i % 3];
    return { ...base, type: 'track', event, properties: { price: i % 97, product: `P${i % 31}` } };
  });
}

function shuffle<T>(items: readonly T[], seed: number): T[] {
  const shuffled = [...items];
  let state = seed;
  for (let i = shuffled.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const j = state % (i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
  }
  return shuffled;
}

async function send(doors: readonly Rekindle[], slug: string, records: readonly Record[], senders: number) {
  let next = 0;
  await Promise.all(
    Array.from({ length: senders }, async (_, sender) => {
      for (let from = BATCH * next++; from < records.length; from = BATCH * next++) {
        const data = gzipSync(JSON.stringify(records.slice(from, from + BATCH))).toString('base64');
        const body = new URLSearchParams({ gzip: '1', data_list: data }).toString();
        const door = doors[sender % doors.length] as Rekindle;
        const answer = await fetch(`${door.url}/sa?project=${slug}`, { method: 'POST', body });
        if (answer.status !== 200) throw new Error(`The answer was ${answer.status}.`);
      }
    }),
  );
}

/** Everything of a project that can be counted. */
async function countsOf(rekindle: Rekindle, slug: string) {
  const id = await projectIdOf(rekindle, slug);
  return {
    events: await queryClickHouse(
      rekindle,
      `SELECT event, toDate(time) AS day, count() AS n, uniqExact(person) AS persons, sum(toFloat64(properties.price)) AS price
       FROM event WHERE project_id = ${id} GROUP BY event, day ORDER BY event, day`,
    ),
    profiles: await queryClickHouse(
      rekindle,
      `SELECT count() AS persons, sum(toFloat64OrZero(toString(properties.visits))) AS visits, max(toFloat64OrZero(toString(properties.visits))) AS most
       FROM profile FINAL WHERE project_id = ${id}`,
    ),
  };
}

describe('promise 2: once in every count', () => {
  let first: Rekindle;
  let env: { [key: string]: string };

  beforeAll(async () => {
    first = await startRekindle({ LOG_LEVEL: 'error', SECRET_KEY });
    env = {
      LOG_LEVEL: 'error',
      SECRET_KEY,
      ROLE: 'collect,worker',
      DATABASE_URL: await databaseUrlOf(first),
      CLICKHOUSE_URL: await clickhouseUrlOf(first),
    };
  });
  afterAll(() => first.stop());

  it('counts what is sent twice, shuffled, to workers that come and go as what is sent once in order', async () => {
    const [ordered, twice] = [await first.newProject(), await first.newProject()];
    const records = makeRecords();
    await send([first], ordered.slug, records, 1);
    const isThrough = (slug: string) => () => hasEnded(first, slug);
    const end = [{ type: 'track', event: 'End', distinct_id: 'end', _track_id: 1, time: Date.now() }];
    await send([first], ordered.slug, end, 1);
    await waitFor(isThrough(ordered.slug), 300_000);

    const second = await startRekindle(env);
    await send([first, second], twice.slug, shuffle(records, 1), SENDERS);
    const third = await startRekindle(env);
    await send([first, second, third], twice.slug, shuffle(records, 2), SENDERS);
    await second.terminate();
    await send([first], twice.slug, end, 1);
    await waitFor(isThrough(twice.slug), 300_000);
    await third.terminate();

    // Merges reach the dictionary of persons a moment later.
    const expected = await countsOf(first, ordered.slug);
    await waitFor(
      async () => JSON.stringify(await countsOf(first, twice.slug)) === JSON.stringify(expected),
      60_000,
    ).catch(() => undefined);
    expect(await countsOf(first, twice.slug)).toEqual(expected);
    expect(expected.events.length).toBeGreaterThan(3);
  }, 1_200_000);
});

/** One project's records come through in the order received, so the last one says that all are. */
async function hasEnded(rekindle: Rekindle, slug: string): Promise<boolean> {
  const id = await projectIdOf(rekindle, slug);
  const rows = await queryClickHouse<{ n: string }>(
    rekindle,
    `SELECT count() AS n FROM event WHERE project_id = ${id} AND event = 'End'`,
  );
  return Number(rows[0]?.n) === 1;
}

async function projectIdOf(rekindle: Rekindle, slug: string): Promise<number> {
  const client = new Client({ connectionString: await databaseUrlOf(rekindle) });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: number }>('SELECT id FROM project WHERE slug = $1', [slug]);
    return Number(rows[0]?.id);
  } finally {
    await client.end();
  }
}
