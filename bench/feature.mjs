import { connectClickHouse } from './support/clickhouse.mjs';
import { memoryMib } from './support/processes.mjs';
import { median, report, timed } from './support/report.mjs';
import { api, startService } from './support/service.mjs';

const CHUNK = 1_000_000;

/** A snapshot of a hundred features of the library, taken through the API: time, and the most memory of the engines (PSS). */
export async function run({ runs = 1, events = 3_000_000, users = 50_000, features = 100 }) {
  const service = await startService();
  const clickhouse = connectClickHouse(service);
  await fill(clickhouse, { events, users });
  const project = 'projects/default';
  await api(service.port, 'PUT', `${project}/feature-settings`, {
    spend: { event: 'PayOrder', property: 'price' },
  });
  const { items } = await api(service.port, 'GET', `${project}/features`);
  const set = await api(service.port, 'POST', `${project}/feature-sets`, {
    name: 'bench',
    definition: { version: 1, features: pick(items, features).map(({ name }) => name) },
  });
  const took = [];
  let peakMib = 0;
  let rows = 0;
  for (let i = 0; i < runs; i++) {
    const watch = setInterval(async () => {
      const { all, service: own } = await memoryMib(service.pid);
      peakMib = Math.max(peakMib, all - own);
    }, 500);
    const { answer, ms } = await timed(() => takeSnapshot(service.port, `${project}/feature-sets/${set.id}`));
    clearInterval(watch);
    rows = answer.rowCount;
    took.push(ms);
  }
  const bytes = await storedBytes(clickhouse);
  await clickhouse.close();
  await service.stop();
  await service.remove();
  await report('feature', [
    {
      events,
      users: rows,
      features: set.features.length,
      runs,
      'snapshot ms': Math.round(median(took)),
      'events per second': Math.round((events / median(took)) * 1000),
      'engines peak MiB': Math.round(peakMib),
      'bytes per user': Math.round(bytes / rows / runs),
    },
  ]);
}

/** As many features, spread evenly over the library, so that every family is there. */
function pick(items, count) {
  return items.filter(
    (_, index) =>
      Math.floor(((index + 1) * count) / items.length) > Math.floor((index * count) / items.length),
  );
}

async function takeSnapshot(port, path) {
  const { id } = await api(port, 'POST', `${path}/snapshots`, {});
  for (;;) {
    const snapshot = await api(port, 'GET', `${path}/snapshots/${id}`);
    if (snapshot.state === 'done') return snapshot;
    if (snapshot.state === 'failed') throw new Error(snapshot.error);
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function storedBytes(clickhouse) {
  const query = `SELECT sum(data_compressed_bytes) AS bytes FROM system.parts WHERE active AND table = 'feature_value'`;
  const [{ bytes }] = await (await clickhouse.query({ query, format: 'JSONEachRow' })).json();
  return Number(bytes);
}

/** Ninety days of events with a skew: few users do much, and some stopped a while ago. Made inside ClickHouse. */
async function fill(clickhouse, { events, users }) {
  await clickhouse.command({
    query: `INSERT INTO profile (project_id, user_id, properties, version)
      SELECT 1, number + 1, '{}'::JSON, 1 FROM numbers({users:UInt32})`,
    query_params: { users },
  });
  for (let from = 0; from < events; from += CHUNK) {
    await clickhouse.command({
      query: `INSERT INTO event (project_id, event, user_id, time, event_id, client_time, received_at, properties)
        SELECT 1,
          ['ViewProduct', 'AddToCart', 'PayOrder', '$pageview', '$AppStart', '$MessageSent', '$MessageOpened'][1 + (cityHash64(n, 1) % 100 < 40 ? 0 : 1 + cityHash64(n, 2) % 6)],
          1 + toUInt64(pow(cityHash64(n, 3) % 1000000 / 1000000, 2) * {users:UInt32}) AS user,
          now() - toIntervalSecond(if(user % 3 = 0, 691200, 0) + cityHash64(n, 4) % 7500000) AS t,
          generateUUIDv4(), t, t,
          concat('{"price":', toString(n % 500), ',"$url_path":"/p/', toString(n % 50), '","$os":"',
            ['iOS', 'Android', 'HarmonyOS'][1 + user % 3], '","$city":"city ', toString(user % 50), '"}')::JSON
        FROM (SELECT number + {from:UInt64} AS n FROM numbers({count:UInt64}))`,
      query_params: { users, from, count: Math.min(CHUNK, events - from) },
      clickhouse_settings: { input_format_try_infer_integers: 0 },
    });
  }
}
