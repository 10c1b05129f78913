import { mkdir } from 'node:fs/promises';
import { connectClickHouse } from './clickhouse.mjs';
import { startService } from './service.mjs';

/** Rows of one INSERT: no single request takes longer than a connection may be silent. */
const PIECE = 1_000_000;
const CITIES = 50;
const SYSTEMS = ['iOS', 'Android', 'HarmonyOS'];
/** Users whose numbers leave the same rest have the same city and system. */
const TRAITS = CITIES * SYSTEMS.length;

/** The properties of each number as JSON text, which is dear to read: 20 µs an event. */
const MADE = `SELECT number, cityHash64(number, 5) % ${TRAITS} AS traits,
    concat('{"price":', toString(number % 500), '.5,"product_id":"P', toString(number % 2000),
      '","$url_path":"/p/', toString(number % 50), '","$os":"', ['${SYSTEMS.join("', '")}'][1 + traits % ${SYSTEMS.length}],
      '","$city":"city ', toString(traits % ${CITIES}), '"}')::JSON AS properties
  FROM numbers_mt({from:UInt64}, {count:UInt64})`;
/** Those of events that are there, for others of users with the same city and system. */
const COPIED = `SELECT {from:UInt64} + rowNumberInAllBlocks() AS number, user_id % ${TRAITS} AS traits, properties
  FROM event WHERE project_id = 1 LIMIT {count:UInt64}`;

/**
 * The built service on the data set of the benchmarks: in a folder of its own, which goes at the end, or in one that is
 * kept (`--data`), to which only the events are added that it does not have yet. Of a kept folder counts what it holds,
 * not what was asked for.
 */
export async function startWithData({ data, events, users, env }) {
  if (data) await mkdir(data, { recursive: true });
  const service = await startService({ dataDir: data, env });
  const clickhouse = connectClickHouse(service);
  const read = async (query) => (await clickhouse.query({ query, format: 'JSONEachRow' })).json();
  const count = async (table) =>
    Number((await read(`SELECT count() AS n FROM ${table} WHERE project_id = 1`))[0].n);
  if ((await count('profile')) === 0) await fillProfiles(clickhouse, users);
  const known = { events: await count('event'), users: await count('profile') };
  if (known.events < events) {
    await fillEvents(clickhouse, { from: known.events, until: events, users: known.users });
    await waitForMerges(read);
  }
  return {
    service,
    clickhouse,
    read,
    events: await count('event'),
    users: known.users,
    end: async () => {
      await clickhouse.close();
      await service.stop();
      if (!data) await service.remove();
    },
  };
}

async function fillProfiles(clickhouse, users) {
  await clickhouse.command({
    query: `INSERT INTO profile (project_id, user_id, properties, version)
      SELECT 1, number + 1, concat('{"member":', if(number % 2 = 0, 'true', 'false'), '}')::JSON, 1 FROM numbers({users:UInt32})`,
    query_params: { users },
  });
}

/**
 * Events of the last 30 days with a skew: few users do much, and some stopped eight days ago. Made inside ClickHouse,
 * by numbers only.
 */
async function fillEvents(clickhouse, { from: first, until, users }) {
  for (let from = first; from < until; from += PIECE) {
    await clickhouse.command({
      query: `INSERT INTO event (project_id, event, user_id, time, event_id, client_time, received_at, properties)
        WITH cityHash64(number, 1) % 100 AS kind,
          toUInt64(pow(cityHash64(number, 3) % 1000000000 / 1000000000, 2) * intDiv({users:UInt32}, ${TRAITS})) AS block
        SELECT 1,
          multiIf(kind < 34, 'ViewProduct', kind < 49, 'AddToCart', kind < 64, 'PayOrder', kind < 79, '$pageview',
            kind < 94, '$AppStart', kind < 98, '$MessageSent', '$MessageOpened'),
          ${TRAITS} * block + if(traits = 0, ${TRAITS}, traits) AS user,
          now() - toIntervalSecond(if(user % 3 = 0, 691200, 0) + cityHash64(number, 4) % 2500000) AS t,
          generateUUIDv4(), t, t, properties
        FROM (${from === 0 ? MADE : COPIED})`,
      query_params: { from, count: Math.min(PIECE, until - from), users },
      clickhouse_settings: {
        max_insert_block_size: '500000',
        max_insert_threads: '2',
        input_format_try_infer_integers: 0,
      },
    });
    const done = Math.min(until, from + PIECE);
    if (done % (10 * PIECE) === 0) console.error(`${done / 1_000_000} million events`);
  }
}

/** Until the parts have come to rest, so that what is measured shares the machine with no merge. */
async function waitForMerges(read) {
  for (let quiet = 0; quiet < 5; ) {
    const [{ merges }] = await read('SELECT count() AS merges FROM system.merges');
    quiet = Number(merges) === 0 ? quiet + 1 : 0;
    await new Promise((done) => setTimeout(done, 1_000));
  }
}
