import { startWithData } from './support/data.mjs';
import { memoryMib } from './support/processes.mjs';
import { median, report, timed, unique } from './support/report.mjs';
import { api } from './support/service.mjs';

/** A snapshot of a hundred features of the library, taken through the API: time, and the most memory of the engines (PSS). */
export async function run({ runs = 1, events = 3_000_000, users = 50_000, features = 100, data }) {
  const loaded = await startWithData({ data, events, users });
  const { service } = loaded;
  const project = 'projects/default';
  await api(service.port, 'PUT', `${project}/feature-settings`, {
    spend: { event: 'PayOrder', property: 'price' },
  });
  const { items } = await api(service.port, 'GET', `${project}/features`);
  const set = await api(service.port, 'POST', `${project}/feature-sets`, {
    name: unique('bench'),
    definition: { version: 1, features: pick(items, features).map(({ name }) => name) },
  });
  const took = [];
  let peakMib = 0;
  let rows = 0;
  for (let i = 0; i < runs; i++) {
    const watch = setInterval(async () => {
      const { all, service: own } = await memoryMib(service.pid);
      peakMib = Math.max(peakMib, all - own);
    }, 2_000);
    const { answer, ms } = await timed(() => takeSnapshot(service.port, `${project}/feature-sets/${set.id}`));
    clearInterval(watch);
    rows = answer.rowCount;
    took.push(ms);
  }
  const bytes = await storedBytes(loaded);
  await loaded.end();
  await report('feature', [
    {
      events: loaded.events,
      users: rows,
      features: set.features.length,
      runs,
      'snapshot ms': Math.round(median(took)),
      'events per second': Math.round((loaded.events / median(took)) * 1000),
      'engines peak MiB': Math.round(peakMib),
      'bytes per user': Math.round(bytes),
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

/** Of one row, of whichever snapshot. */
async function storedBytes({ read }) {
  const [{ bytes }] = await read(
    `SELECT sum(data_compressed_bytes) / sum(rows) AS bytes FROM system.parts WHERE active AND table = 'feature_value'`,
  );
  return Number(bytes);
}
