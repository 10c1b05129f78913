import { startWithData } from './support/data.mjs';
import { median, report, timed } from './support/report.mjs';
import { api } from './support/service.mjs';

const DAY_MS = 86_400_000;
const now = Date.now();
const midnight = Math.floor(now / DAY_MS) * DAY_MS;
const toIso = (ms) => new Date(ms).toISOString();
const toSql = (ms) => `toDateTime64('${toIso(ms).slice(0, 23).replace('T', ' ')}', 3, 'UTC')`;
// Both sides get the same moments, so that they have to find the same.
const YESTERDAY = { from: toIso(midnight - DAY_MS), to: toIso(midnight) };
const MONTH = { from: toIso(now - 30 * DAY_MS), to: toIso(now) };
const of = (fromMs, toMs) =>
  `FROM event WHERE project_id = 1 AND event = 'PayOrder' AND time >= ${toSql(fromMs)} AND time < ${toSql(toMs)}`;
const OF_MONTH = of(now - 30 * DAY_MS, now);

/** Each: what is asked, the same by hand, and the figure in which both have to agree; null where by hand it is another. */
const QUESTIONS = [
  {
    name: 'count of one event, one day',
    path: 'query/events',
    body: { events: ['PayOrder'], range: YESTERDAY },
    byHand: `SELECT count() AS n ${of(midnight - DAY_MS, midnight)}`,
    figure: ({ rows }) => rows[0].values[0],
  },
  {
    name: 'persons of one event, 30 days',
    path: 'query/events',
    body: { events: ['PayOrder'], range: MONTH, measures: [{ fn: 'persons' }] },
    byHand: `SELECT uniqExact(user_id) AS n ${OF_MONTH}`,
    figure: ({ rows }) => rows[0].values[0],
  },
  {
    name: 'sum and persons by day and product, top 10',
    path: 'query/events',
    body: {
      events: ['PayOrder'],
      range: MONTH,
      bucket: 'day',
      groupBy: [{ by: 'property', property: 'product_id' }],
      measures: [{ fn: 'sum', property: 'price' }, { fn: 'persons' }],
    },
    byHand: `SELECT toDate(time) AS d, properties.product_id.:String AS p, sum(properties.price.:Float64) AS n, uniqExact(user_id) ${OF_MONTH} GROUP BY d, p ORDER BY n DESC LIMIT 310`,
    figure: null,
  },
  {
    name: 'funnel of three steps, 7 days',
    path: 'query/funnel',
    body: {
      steps: [{ event: 'ViewProduct' }, { event: 'AddToCart' }, { event: 'PayOrder' }],
      range: MONTH,
      window: { days: 7 },
    },
    byHand: `SELECT countIf(level >= 3) AS n FROM (SELECT windowFunnel(604800)(toDateTime(time), event = 'ViewProduct' AND time < ${toSql(now)}, event = 'AddToCart', event = 'PayOrder') AS level FROM event WHERE project_id = 1 AND event IN ('ViewProduct', 'AddToCart', 'PayOrder') AND time >= ${toSql(now - 30 * DAY_MS)} GROUP BY user_id)`,
    figure: ({ steps }) => steps[2].persons,
  },
  {
    name: 'retention by week',
    path: 'query/retention',
    body: {
      first: { event: 'ViewProduct' },
      return: { events: ['PayOrder'] },
      range: MONTH,
      unit: 'week',
      periods: 4,
    },
    byHand: null,
    figure: null,
  },
  {
    name: 'catalogue of events, 30 days',
    path: 'catalogue/events',
    body: null,
    byHand: `SELECT count() AS n, uniq(person), min(time), max(time) FROM event WHERE project_id = 1 AND toDate(time) >= today() - 30 GROUP BY event ORDER BY n DESC SETTINGS optimize_use_projections = 0`,
    figure: ({ items }) => items[0].events,
  },
  {
    name: 'catalogue of the properties of one event',
    path: 'catalogue/events/PayOrder/properties',
    body: null,
    byHand: null,
    figure: null,
  },
];

/** What analysts ask, through the API, against ClickHouse asked by hand. */
export async function run({ runs = 5, events = 5_000_000, users = 250_000, data }) {
  const loaded = await startWithData({ data, events, users });
  const rows = [];
  for (const question of QUESTIONS) rows.push(await measure(question, { ...loaded, runs }));
  await loaded.end();
  await report(
    'query',
    rows.map((row) => ({ events: loaded.events, users: loaded.users, runs, ...row })),
  );
}

async function measure({ name, path, body, byHand, figure }, { service, read, runs }) {
  const ours = [];
  const hand = [];
  for (let i = 0; i <= runs; i++) {
    const answer = await timed(() =>
      api(service.port, body ? 'POST' : 'GET', `projects/default/${path}`, body ?? undefined),
    );
    // The first run warms the files up.
    if (i > 0) ours.push(answer.ms);
    if (!byHand) continue;
    const same = await timed(() => read(byHand));
    if (i > 0) hand.push(same.ms);
    if (figure && Number(same.answer[0].n) !== figure(answer.answer)) {
      throw new Error(`${name}: ${figure(answer.answer)}, and by hand ${same.answer[0].n}.`);
    }
  }
  const ms = Math.round(median(ours));
  const handMs = byHand ? Math.round(median(hand)) : null;
  return { question: name, ms, 'by hand ms': handMs, ratio: handMs && Number((ms / handMs).toFixed(2)) };
}
