import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { JsonObject } from '../../src/kernel/json.js';
import { RowWriter } from '../../src/platform/clickhouse/row-writer.js';
import { compileFunnel, type FunnelRow, shapeFunnel } from '../../src/query/core/compile-funnel.js';
import {
  compileRetention,
  type RetentionRow,
  readRetention,
} from '../../src/query/core/compile-retention.js';
import { evaluateFunnel, type PersonHistory } from '../../src/query/core/evaluate-funnel.js';
import { evaluateRetention } from '../../src/query/core/evaluate-retention.js';
import { FUNNEL_QUERY, type FunnelQuery } from '../../src/query/core/funnel-query.js';
import { planRetention, RETENTION_QUERY, type RetentionQuery } from '../../src/query/core/retention-query.js';
import { tabulateRetention } from '../../src/query/core/retention-table.js';
import { resolveRange } from '../../src/query/core/time-range.js';
import { EVENT_ROWS, toEventRows } from '../../src/store/data/event-rows.js';
import { startClickHouse, type TestClickHouse } from '../support/clickhouse.js';

// Clocks went forward in New York two days before.
const NOW = Date.parse('2026-03-10T12:00:00Z');
const HOUR_MS = 3_600_000;
const QUERIES_PER_DATASET = 12;
const DATASETS = Number(process.env['TWIN_DATASETS'] ?? 25);
const MOST_ROUNDS = 3;

const value = fc.constantFrom<JsonObject['x']>('web', 'ios', 5, '5', true, null, ['a', 'b']);
const properties = fc
  .record({ channel: value, amount: fc.integer({ min: 0, max: 3 }) }, { requiredKeys: [] })
  .map((record) => ({ ...record }) as JsonObject);
// Few moments and few events, so that many fall on the same one and on the edges of windows and days.
const time = fc
  .tuple(fc.integer({ min: -6, max: 60 }), fc.constantFrom(0, 0, 0, -1, 1))
  .map(([hours, offsetMs]) => NOW - 12 * HOUR_MS - hours * HOUR_MS + offsetMs);
const event = fc.record({
  event: fc.constantFrom('view', 'view', 'cart', 'pay', '$MessageSent'),
  time,
  properties,
  isOfAbsorbed: fc.boolean(),
});
const people = fc.array(fc.record({ profile: properties, events: fc.array(event, { maxLength: 12 }) }), {
  minLength: 1,
  maxLength: 12,
});

const filter = fc.oneof(
  fc.record({
    property: fc.constantFrom('channel', 'amount'),
    op: fc.constantFrom('equals', 'not_equals'),
    value: fc.constantFrom<string | number>('web', 5, 1),
  }),
  fc.record({ property: fc.constant('amount'), op: fc.constant('at_least'), value: fc.constantFrom(1, 2) }),
  fc.record({ property: fc.constantFrom('channel', 'absent'), op: fc.constantFrom('is_set', 'is_not_set') }),
);
const filters = fc.option(fc.array(filter, { maxLength: 1 }), { nil: undefined, freq: 1 });
const name = fc.constantFrom('view', 'cart', 'pay', 'never');
const range = fc.oneof(
  fc.integer({ min: 1, max: 100 }).map((hours) => ({ last: { hours } })),
  fc.integer({ min: 1, max: 5 }).map((days) => ({ calendar: { days } })),
  fc.tuple(fc.integer({ min: 5, max: 9 }), fc.integer({ min: 1, max: 4 })).map(([day, days]) => ({
    from: `2026-03-0${day}`,
    to: `2026-03-${String(day + days).padStart(2, '0')}`,
  })),
);

const funnel = fc
  .record({
    steps: fc.array(fc.record({ event: name, where: filters }), { minLength: 2, maxLength: 4 }),
    range,
    window: fc.constantFrom(
      { minutes: 1 },
      { hours: 1 },
      { hours: 2 },
      { hours: 5 },
      { days: 1 },
      { days: 2 },
    ),
    profile: filters,
    breakdown: fc.constantFrom(
      undefined,
      { by: 'property', property: 'channel' },
      { by: 'property', property: 'amount' },
      { by: 'profile', property: 'channel' },
      { by: 'event' },
    ),
    top: fc.constantFrom(undefined, 1, 2),
  })
  .map((given) => FUNNEL_QUERY.parse(JSON.parse(JSON.stringify(given))));
const retention = fc
  .record({
    first: fc.record({ event: name, where: filters }),
    return: fc.constantFrom(
      undefined,
      {},
      { events: ['view'] },
      { events: ['pay', 'never'], where: [{ property: 'amount', op: 'at_least', value: 1 }] },
    ),
    range,
    unit: fc.constantFrom('day', 'day', 'week', 'month'),
    periods: fc.integer({ min: 1, max: 4 }),
    mode: fc.constantFrom(undefined, 'bounded', 'rolling'),
    newOnly: fc.boolean(),
    profile: filters,
  })
  .map((given) => RETENTION_QUERY.parse(JSON.parse(JSON.stringify(given))));

type Person = {
  profile: JsonObject;
  events: { event: string; time: number; properties: JsonObject; isOfAbsorbed: boolean }[];
};
const zone = fc.constantFrom('UTC', 'Asia/Shanghai', 'America/New_York');

describe('A compiled query', () => {
  let engine: TestClickHouse;
  let projects = 0;
  const seen = { converted: 0, lost: 0, shared: 0, returned: 0 };

  beforeAll(async () => {
    engine = await startClickHouse();
  });
  afterAll(() => engine.stop());

  it('of a funnel finds the same persons and times as its meaning, whatever the funnel and the data', async () => {
    const isProven = () => [seen.converted, seen.lost, seen.shared].every((count) => count > 20);
    await check(funnel, isProven, async (query: FunnelQuery, { projectId, persons, timeZone }) => {
      const span = resolveRange(query.range, { nowMs: NOW, timeZone });
      if (span.fromMs >= span.toMs) return;
      const { sql, params } = compileFunnel(query, { projectId, span });
      const found = shapeFunnel(query, await engine.clickhouse.query<FunnelRow>(sql, params));
      const expected = evaluateFunnel(query, persons, span);
      seen.converted += expected.total.persons.at(-1) ?? 0;
      seen.lost += (expected.total.persons[0] ?? 0) - (expected.total.persons[1] ?? 0);
      seen.shared += expected.other ? 1 : 0;
      same(found, expected, { query, sql, params, persons, span });
    });
    // Else the test would prove nothing.
    expect({ ...seen, isProven: isProven() }).toMatchObject({ isProven: true });
  }, 620_000);

  it('of retention finds the same table as its meaning, whatever the query and the data', async () => {
    const isProven = () => seen.returned > 50;
    await check(retention, isProven, async (query: RetentionQuery, { projectId, persons, timeZone }) => {
      const at = { nowMs: NOW, timeZone };
      const span = resolveRange(query.range, at);
      if (span.fromMs >= span.toMs) return;
      const plan = planRetention(query, span, at);
      const { sql, params } = compileRetention(query, { projectId, plan });
      const rows = await engine.clickhouse.query<RetentionRow>(sql, params);
      const found = tabulateRetention(query, plan, readRetention(rows, plan));
      const expected = tabulateRetention(query, plan, evaluateRetention(query, persons, plan));
      seen.returned += expected.overall.reduce((sum, each) => sum + each.persons, 0);
      same(found, expected, { query, sql, params, persons, span });
    });
    expect({ ...seen, isProven: isProven() }).toMatchObject({ isProven: true });
  }, 620_000);

  async function check<Query>(
    queries: fc.Arbitrary<Query>,
    isProven: () => boolean,
    each: (
      query: Query,
      data: { projectId: number; persons: PersonHistory[]; timeZone: string },
    ) => Promise<void>,
  ): Promise<void> {
    const samples = fc.tuple(
      people as fc.Arbitrary<Person[]>,
      fc.array(queries, { minLength: QUERIES_PER_DATASET, maxLength: QUERIES_PER_DATASET }),
      zone,
    );
    const property = fc.asyncProperty(samples, async ([persons, asked, timeZone]) => {
      const projectId = ++projects;
      await store(engine, projectId, persons);
      for (const query of asked) await each(query, { projectId, persons, timeZone });
    });
    // By chance few of the persons may do what a query asks for: then it takes more.
    for (let round = 0; round === 0 || (round < MOST_ROUNDS && !isProven()); round++)
      await fc.assert(property, { numRuns: DATASETS, interruptAfterTimeLimit: 200_000 });
  }
});

function same(found: unknown, expected: unknown, context: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new Error(
      `found ${JSON.stringify(found)}\nexpected ${JSON.stringify(expected)}\n${JSON.stringify(context)}`,
    );
  }
}

/** Every person has absorbed another one, under whose number some of the events were stored. */
async function store(
  { clickhouse }: TestClickHouse,
  projectId: number,
  persons: readonly Person[],
): Promise<void> {
  const userId = (index: number) => projectId * 100 + index + 1;
  const absorbedId = (index: number) => userId(index) + 50;
  const events = persons.flatMap((each, index) =>
    each.events.map((entry, position) => ({
      eventId: createHash('md5').update(`${projectId}.${index}.${position}`).digest('hex'),
      projectId,
      type: 'track' as const,
      event: entry.event,
      userId: entry.isOfAbsorbed ? absorbedId(index) : userId(index),
      distinctId: `d${index}`,
      identities: {},
      originalId: null,
      time: entry.time,
      clientTime: entry.time,
      receivedAt: entry.time,
      source: 'test',
      properties: entry.properties,
    })),
  );
  const profiles = new RowWriter();
  const writeProfile = (user: number, version: number, properties: JsonObject, isDeleted: 0 | 1) => {
    profiles.uint32(projectId);
    profiles.int64(user);
    profiles.json(properties);
    profiles.int64(version);
    profiles.uint8(isDeleted);
  };
  const aliases = new RowWriter();
  persons.forEach((each, index) => {
    writeProfile(userId(index), 1, { channel: 'old' }, 0);
    writeProfile(userId(index), 2, each.profile, 0);
    writeProfile(absorbedId(index), 2, {}, 1);
    for (const number of [absorbedId(index), userId(index), 1]) aliases.int64(number);
  });
  if (events.length > 0) await clickhouse.insertRows(EVENT_ROWS, await toEventRows(events));
  await clickhouse.insertRows('profile (project_id, user_id, properties, version, is_deleted)', profiles);
  await clickhouse.insertRows('person_alias (person_id, canonical, version)', aliases);
  await clickhouse.command('SYSTEM RELOAD DICTIONARY person_canonical');
}
