import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startWithData } from './support/data.mjs';
import { random } from './support/events.mjs';
import { report, unique } from './support/report.mjs';
import { ADMIN_KEY, api } from './support/service.mjs';

const SEGMENTS = {
  'paid twice in 30 days, silent for 7, member': {
    all: [
      { event: 'PayOrder', window: { last: { days: 30 } }, compare: { op: 'at_least', value: 2 } },
      { event: '*', window: { last: { days: 7 } }, compare: { op: 'at_most', value: 0 } },
      { profile: { property: 'member', op: 'equals', value: true } },
    ],
  },
  'cart, then no payment within a day, in 7 days': {
    sequence: [{ event: 'AddToCart' }, { event: 'ViewProduct', without: [{ event: 'PayOrder' }] }],
    within: { days: 1 },
    window: { last: { days: 7 } },
  },
  'spent over 500 in the last 14 calendar days': {
    event: 'PayOrder',
    window: { calendar: { days: 14 } },
    measure: { fn: 'sum', property: 'price' },
    compare: { op: 'more_than', value: 500 },
  },
};
/** Updates in a minute, by the default of SEGMENT_LIVE_SECONDS. */
const UPDATES_PER_MINUTE = 60 / 50;

/**
 * What it costs to keep a segment live: the time that its updates take in a minute in which so many users changed,
 * against one full computation of the same segment. Users are written where ingestion writes them.
 * With a lesser `every` the updates come faster, and each is crossed by less time.
 */
export async function run({
  events = 5_000_000,
  users = 250_000,
  changed = 1_000,
  every = 50,
  updates = 3,
  data,
}) {
  const loaded = await startWithData({
    data,
    events,
    users,
    env: { SEGMENT_LIVE_SECONDS: String(every) },
  });
  const { service, clickhouse } = loaded;
  const postgres = await connectPostgres(service);
  const rows = [];
  for (const [name, where] of Object.entries(SEGMENTS)) {
    const builtBefore = (await work(service)).buildTotal;
    const segment = await api(service.port, 'POST', 'projects/default/segments', {
      name: unique(name),
      definition: { version: 1, where },
      live: true,
    });
    const path = `projects/default/segments/${segment.id}`;
    const built = await waitFor(async () => {
      const live = await api(service.port, 'GET', `${path}/live`);
      return live.state === 'current' && live;
    });
    const start = await work(service);
    for (let update = 0; update < updates; update++) {
      await touch(
        { clickhouse, postgres },
        {
          users: loaded.users,
          count: Math.round(changed / UPDATES_PER_MINUTE),
        },
      );
      await new Promise((done) => setTimeout(done, every * 1000));
    }
    const end = await work(service);
    const mean = (end.seconds - start.seconds) / (end.updates - start.updates);
    rows.push({
      events: loaded.events,
      users: loaded.users,
      'changed per minute': changed,
      segment: name,
      members: built.memberCount,
      'build s': Number((start.buildTotal - builtBefore).toFixed(2)),
      updates: end.updates - start.updates,
      'update s per minute': Number((mean * UPDATES_PER_MINUTE).toFixed(2)),
    });
    console.error(JSON.stringify(rows.at(-1)));
    await api(service.port, 'PATCH', path, { live: false });
  }
  await postgres.end();
  await loaded.end();
  await report('live', rows);
}

let touched = 0;

/** One event for each of some users, and what the flow notes of their batch. */
async function touch({ clickhouse, postgres }, { users, count }) {
  const next = random(++touched);
  const ids = [...new Set(Array.from({ length: count }, () => 1 + Math.floor(next() * users)))];
  await clickhouse.command({
    query: `INSERT INTO event (project_id, event, user_id, time, event_id, client_time, received_at, properties)
      SELECT 1, ['ViewProduct', 'AddToCart', 'PayOrder'][1 + user % 3], arrayJoin({ids:Array(UInt64)}) AS user, now64(3) AS t, generateUUIDv4(), t, t,
        '{"price":250}'::JSON`,
    query_params: { ids },
  });
  await postgres.query('INSERT INTO segment_live_inbox (batch_id, project_id, user_ids) VALUES ($1, 1, $2)', [
    1_000_000_000 + touched,
    ids,
  ]);
}

async function work({ port }) {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  });
  const text = await answer.text();
  const read = (name, kind) =>
    Number(new RegExp(`^segment_live_seconds_${name}\\{kind="${kind}"\\} (\\S+)`, 'm').exec(text)?.[1] ?? 0);
  return {
    seconds: read('sum', 'update'),
    updates: read('count', 'update'),
    buildTotal: read('sum', 'build'),
  };
}

async function connectPostgres({ dataDir }) {
  const { password } = JSON.parse(readFileSync(join(dataDir, 'engines.json'), 'utf8'));
  // Line 4 of postmaster.pid is the port.
  const port = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3];
  const client = new pg.Client(`postgres://rekindle:${password}@127.0.0.1:${port}/rekindle`);
  await client.connect();
  return client;
}

async function waitFor(ask) {
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((done) => setTimeout(done, 200));
  }
}
