import { random } from './support/events.mjs';
import { sendAll, toRequest } from './support/load.mjs';
import { median, quantile, report } from './support/report.mjs';
import { ADMIN_KEY, api, startBaseline, startService } from './support/service.mjs';

const BATCH = 500;
const CONNECTIONS = 4;
/** A load that leaves the machine idle most of the time. */
const CALM_PER_SECOND = 200;

/**
 * How long it takes to read one user with the profile, by an identity and by the user's id, against a bare handler
 * that answers with the same JSON: at concurrency 4 as fast as it goes, and at a calm rate.
 */
export async function run({ users = 20_000, reads = 1_000, runs = 3 }) {
  const service = await startService();
  await fill(service.port, users);
  const ids = await listIds(service.port, reads);
  const next = random(1);
  const pick = () => Math.floor(next() * users);
  const byIdentity = () => `users?identity=${encodeURIComponent(`$identity_login_id:u${pick()}`)}`;
  const byId = () => `users/${ids[Math.floor(next() * ids.length)]}`;
  const baseline = await startBaseline();
  const rows = [];
  for (const [read, path] of [
    ['by identity', byIdentity],
    ['by id, with identities', byId],
  ]) {
    await answerThis(baseline.port, await api(service.port, 'GET', `projects/default/${path()}`));
    const bare = () => measure(baseline.port, () => toGet('/answer'), reads);
    const own = () => measure(service.port, () => toGet(`/api/v1/projects/default/${path()}`), reads);
    rows.push({ read, users, reads, runs, ...(await compare(own, bare, runs)) });
  }
  baseline.stop();
  await service.stop();
  await service.remove();
  await report('profile', rows);
}

/** In turns, because the machine changes from minute to minute; the first turn warms both up. */
async function compare(own, bare, runs) {
  const [ours, theirs] = [[], []];
  for (let i = 0; i <= runs; i++) {
    const [our, their] = [await own(), await bare()];
    if (i === 0) continue;
    ours.push(our);
    theirs.push(their);
  }
  const of = (figures, name) => Number(median(figures.map((each) => each[name])).toFixed(2));
  const ratio = (name) => Number((of(ours, name) / of(theirs, name)).toFixed(1));
  return {
    'p50 ms': of(ours, 'p50'),
    'p99 ms': of(ours, 'p99'),
    'bare p50 ms': of(theirs, 'p50'),
    'bare p99 ms': of(theirs, 'p99'),
    'ratio p50': ratio('p50'),
    'ratio p99': ratio('p99'),
    'calm p99 ms': of(ours, 'calmP99'),
    'bare calm p99 ms': of(theirs, 'calmP99'),
    'reads per second': Math.round(of(ours, 'perSecond')),
  };
}

async function measure(port, request, reads) {
  const full = await send(port, Array.from({ length: reads }, request));
  const calm = await send(port, Array.from({ length: reads }, request), CALM_PER_SECOND);
  return {
    p50: quantile(full.latenciesMs, 0.5),
    p99: quantile(full.latenciesMs, 0.99),
    calmP99: quantile(calm.latenciesMs, 0.99),
    perSecond: (reads / full.elapsedMs) * 1000,
  };
}

async function send(port, requests, ratePerSecond) {
  const { answers, ...measured } = await sendAll({
    port,
    requests,
    connections: CONNECTIONS,
    ...(ratePerSecond && { ratePerSecond }),
  });
  if (answers['200'] !== requests.length)
    throw new Error(`Not every user was found: ${JSON.stringify(answers)}`);
  return measured;
}

function answerThis(port, json) {
  return fetch(`http://127.0.0.1:${port}/answer`, { method: 'PUT', body: JSON.stringify(json) });
}

/** Every user has a login, a device and a profile of ten properties. */
async function fill(port, users) {
  const requests = [];
  for (let first = 0; first < users; first += BATCH) {
    const records = Array.from({ length: Math.min(BATCH, users - first) }, (_, i) => toUser(first + i));
    const data = Buffer.from(JSON.stringify(records)).toString('base64');
    requests.push(toRequest('/sa?project=default', `data_list=${encodeURIComponent(data)}`));
  }
  await sendAll({ port, requests, connections: CONNECTIONS });
  const last = `projects/default/users?identity=${encodeURIComponent(`$identity_login_id:u${users - 1}`)}`;
  while ((await api(port, 'GET', last)).items.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function toUser(n) {
  return {
    type: 'profile_set',
    distinct_id: `u${n}`,
    login_id: `u${n}`,
    identities: { $identity_login_id: `u${n}`, $identity_cookie_id: `c${n}` },
    time: Date.now(),
    _track_id: n + 1,
    lib: { $lib: 'Node', $lib_version: '1.2.6' },
    properties: {
      city: `city-${n % 300}`,
      country: `country-${n % 40}`,
      plan: n % 10 === 0 ? 'gold' : 'free',
      visits: n % 97,
      is_member: n % 4 === 0,
      email: `u${n}@example.com`,
      first_seen: '2026-01-01 10:00:00',
      tags: ['a', `t${n % 9}`],
      score: (n % 1000) / 10,
      locale: 'nl-BE',
    },
  };
}

async function listIds(port, count) {
  const ids = [];
  let cursor = '';
  while (ids.length < count && cursor !== null) {
    const page = await api(port, 'GET', `projects/default/users?limit=500${cursor && `&cursor=${cursor}`}`);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids;
}

function toGet(path) {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${ADMIN_KEY}\r\n\r\n`);
}
