import { connectClickHouse, fill } from './support/clickhouse.mjs';
import { median, report, timed } from './support/report.mjs';
import { api, startService } from './support/service.mjs';

const DEFINITION = {
  version: 1,
  where: {
    all: [
      { event: 'PayOrder', window: { last: { days: 30 } }, compare: { op: 'at_least', value: 2 } },
      { event: '*', window: { last: { days: 7 } }, compare: { op: 'at_most', value: 0 } },
      { profile: { property: 'member', op: 'equals', value: true } },
    ],
  },
};
const BY_HAND = `
  SELECT count() FROM (
    SELECT user_id FROM event
    WHERE project_id = 1 AND time > now() - INTERVAL 30 DAY
    GROUP BY user_id HAVING countIf(event = 'PayOrder') >= 2 AND countIf(time > now() - INTERVAL 7 DAY) = 0
  ) WHERE user_id IN (SELECT user_id FROM profile FINAL WHERE project_id = 1 AND properties.member = true)`;

/** A segment of three conditions, previewed through the API, against a query for the same question written by hand. */
export async function run({ runs = 5, events = 5_000_000, users = 250_000 }) {
  const service = await startService();
  const clickhouse = connectClickHouse(service);
  await fill(clickhouse, { events, users });
  const ours = [];
  const byHand = [];
  let members = 0;
  for (let i = 0; i <= runs; i++) {
    const preview = await timed(() =>
      api(service.port, 'POST', 'projects/default/segments/preview', { definition: DEFINITION }),
    );
    const hand = await timed(async () =>
      (await clickhouse.query({ query: BY_HAND, format: 'JSONEachRow' })).json(),
    );
    members = preview.answer.count;
    if (Number(Object.values(hand.answer[0])[0]) !== members) throw new Error('The two queries disagree.');
    // The first run warms the files up.
    if (i > 0) ours.push(preview.ms) && byHand.push(hand.ms);
  }
  await clickhouse.close();
  await service.stop();
  await service.remove();
  await report('segment', [
    {
      events,
      users,
      members,
      runs,
      'preview ms': Math.round(median(ours)),
      'by hand ms': Math.round(median(byHand)),
      ratio: Number((median(ours) / median(byHand)).toFixed(2)),
    },
  ]);
}
