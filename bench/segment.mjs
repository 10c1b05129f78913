import { connectClickHouse } from './support/clickhouse.mjs';
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

/** Events with a skew: few users do much, and some stopped a while ago. Made inside ClickHouse, by numbers only. */
async function fill(clickhouse, { events, users }) {
  await clickhouse.command({
    query: `INSERT INTO profile (project_id, user_id, properties, version)
      SELECT 1, number + 1, concat('{"member":', if(number % 2 = 0, 'true', 'false'), '}')::JSON, 1 FROM numbers({users:UInt32})`,
    query_params: { users },
  });
  await clickhouse.command({
    query: `INSERT INTO event (project_id, event, user_id, time, event_id, client_time, received_at, properties)
      SELECT 1, ['ViewProduct', 'AddToCart', 'PayOrder', '$pageview', '$AppStart'][1 + (cityHash64(number, 1) % 100 < 40 ? 0 : 1 + cityHash64(number, 2) % 4)],
        1 + toUInt64(pow(cityHash64(number, 3) % 1000000 / 1000000, 2) * {users:UInt32}) AS user,
        now() - toIntervalSecond(if(user % 3 = 0, 691200, 0) + cityHash64(number, 4) % 2500000) AS t,
        generateUUIDv4(), t, t, concat('{"price":', toString(number % 500), ',"product_id":"P', toString(number % 2000), '"}')::JSON
      FROM numbers({events:UInt64})`,
    query_params: { events, users },
    clickhouse_settings: { max_insert_block_size: '500000', input_format_try_infer_integers: 0 },
  });
}
