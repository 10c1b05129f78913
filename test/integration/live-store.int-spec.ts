import { compileLive } from '../../src/segment/core/compile-segment.js';
import type { SegmentDefinition } from '../../src/segment/core/condition.js';
import { LiveStore } from '../../src/segment/data/live-store.js';
import { startClickHouse, type TestClickHouse } from '../support/clickhouse.js';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const PAYING_MEMBERS: SegmentDefinition = {
  version: 1,
  where: {
    all: [
      { event: 'pay', window: { last: { days: 7 } }, compare: { op: 'at_least', value: 1 } },
      { profile: { property: 'vip', op: 'equals', value: true } },
    ],
  },
};

describe('A look at a few users', () => {
  let engine: TestClickHouse;

  beforeAll(async () => {
    engine = await startClickHouse();
  });
  afterAll(() => engine.stop());

  it('finds what they did under the number of a user merged into them, where the profile is asked first', async () => {
    const { clickhouse } = engine;
    await clickhouse.command('INSERT INTO person_alias VALUES (5, 4, 1)');
    await clickhouse.command(
      `INSERT INTO profile (project_id, user_id, properties, version) VALUES (1, 4, '{"vip":true}', 1), (1, 6, '{"vip":false}', 1)`,
    );
    await clickhouse.command(
      `INSERT INTO event (project_id, event, user_id, time, event_id, client_time, received_at, properties)
       SELECT 1, 'pay', arrayJoin([5, 6]), fromUnixTimestamp64Milli({at:Int64}, 'UTC') AS t, generateUUIDv4(), t, t, '{}'`,
      { at: NOW - 3_600_000 },
    );
    const store = new LiveStore(clickhouse);
    const look = await store.look([4, 6]);
    const context = { projectId: 1, asOf: NOW, timeZone: 'UTC', within: look.within };
    const answers = await store.answers(look, compileLive(PAYING_MEMBERS, context));
    expect(answers).toEqual([expect.objectContaining({ userId: 4, isMember: 1 })]);
  });
});
