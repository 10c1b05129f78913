import { startWithData } from './support/data.mjs';
import { median, report, timed, unique } from './support/report.mjs';
import { api } from './support/service.mjs';

const PROJECT = 'projects/default';
const CASES = [
  {
    name: 'three conditions: count, absence, profile',
    where: {
      all: [
        { event: 'PayOrder', window: { last: { days: 30 } }, compare: { op: 'at_least', value: 2 } },
        { event: '*', window: { last: { days: 7 } }, compare: { op: 'at_most', value: 0 } },
        { profile: { property: 'member', op: 'equals', value: true } },
      ],
    },
    byHand: (asOf) => `
      WITH parseDateTime64BestEffort('${asOf}', 3, 'UTC') AS as_of
      SELECT count() AS count FROM (
        SELECT user_id FROM event
        WHERE project_id = 1 AND time > as_of - INTERVAL 30 DAY AND time <= as_of
        GROUP BY user_id HAVING countIf(event = 'PayOrder') >= 2 AND countIf(NOT startsWith(event, '$Message') AND time > as_of - INTERVAL 7 DAY) = 0
      ) WHERE user_id IN (SELECT user_id FROM profile FINAL WHERE project_id = 1 AND properties.member = true)`,
  },
  {
    name: 'sequence of three within two days, over 30 days',
    where: {
      sequence: [{ event: '$AppStart' }, { event: 'AddToCart' }, { event: 'PayOrder' }],
      within: { days: 2 },
      window: { last: { days: 30 } },
    },
    byHand: null,
  },
];

/**
 * Segments through the API: previewed, counted exactly, run, and explained for one user; the exact count against a query for the same
 * question written by hand, where there is one that counts the same.
 */
export async function run({ runs = 5, events = 5_000_000, users = 250_000, data }) {
  const loaded = await startWithData({ data, events, users });
  const rows = [];
  for (const question of CASES) {
    rows.push({
      events: loaded.events,
      users: loaded.users,
      runs,
      ...(await measure({ ...loaded, question, runs })),
    });
  }
  await loaded.end();
  await report('segment', rows);
}

async function measure({ service: { port }, read, question, runs }) {
  const { name, byHand } = question;
  const definition = { version: 1, where: question.where };
  const segment = await api(port, 'POST', `${PROJECT}/segments`, { name: unique(name), definition });
  const times = { preview: [], exact: [], byHand: [], run: [], explain: [] };
  let members = 0;
  for (let i = 0; i <= runs; i++) {
    const preview = await timed(() => api(port, 'POST', `${PROJECT}/segments/preview`, { definition }));
    const exact = await timed(() =>
      api(port, 'POST', `${PROJECT}/segments/preview`, { definition, exact: true }),
    );
    const run = await timed(() => runSegment(port, segment.id));
    const user = `usr_${preview.answer.sample[0] ?? 1}`.replace('usr_usr_', 'usr_');
    const explain = await timed(() =>
      api(port, 'GET', `${PROJECT}/segments/${segment.id}/explain?user=${user}`),
    );
    members = exact.answer.count;
    const { estimate } = preview.answer;
    if (estimate && (members < 0.95 * estimate.low || members > 1.05 * estimate.high))
      throw new Error(`${name}: the estimate is far off.`);
    // The first round warms the files up.
    if (i > 0) {
      times.preview.push(preview.ms);
      times.exact.push(exact.ms);
      times.run.push(run.ms);
      times.explain.push(explain.ms);
    }
    if (byHand === null) continue;
    const hand = await timed(() => read(byHand(exact.answer.asOf)));
    if (Number(hand.answer[0].count) !== members) throw new Error(`${name}: the two queries disagree.`);
    if (i > 0) times.byHand.push(hand.ms);
  }
  const of = (list) => (list.length > 0 ? Math.round(median(list)) : null);
  return {
    case: name,
    members,
    'preview ms': of(times.preview),
    'by hand ms': of(times.byHand),
    'exact preview ms': of(times.exact),
    'exact : by hand': byHand ? Number((median(times.exact) / median(times.byHand)).toFixed(2)) : null,
    'run ms': of(times.run),
    'explain ms': of(times.explain),
  };
}

/** From the request until the run is done, found by asking, which takes its share of the machine: not often. */
async function runSegment(port, id) {
  const { id: runId } = await api(port, 'POST', `${PROJECT}/segments/${id}/runs`, {});
  for (;;) {
    const run = await api(port, 'GET', `${PROJECT}/segments/${id}/runs/${runId}`);
    if (run.state === 'done') return run;
    if (run.state === 'failed') throw new Error(run.error);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
