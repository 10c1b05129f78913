import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { compileFeatures, type FeatureContext } from '../../src/feature/core/compile-features.js';
import { evaluateFeatures, type UserHistory } from '../../src/feature/core/evaluate-features.js';
import { FEATURE_DEFINITION, type NamedFeature } from '../../src/feature/core/feature.js';
import { DEFAULT_SETTINGS } from '../../src/feature/core/feature-settings.js';
import { FEATURE_FAMILIES } from '../../src/feature/definitions/index.js';
import type { JsonObject } from '../../src/kernel/json.js';
import { RowWriter } from '../../src/platform/clickhouse/row-writer.js';
import { EVENT_ROWS, toEventRows } from '../../src/store/data/event-rows.js';
import { startClickHouse, type TestClickHouse } from '../support/clickhouse.js';

const CUTOFF = Date.parse('2026-03-10T12:00:00Z');
const DAY_MS = 86_400_000;
const DATASETS = Number(process.env['TWIN_DATASETS'] ?? 15);
const MOST_ROUNDS = 3;
const LIBRARY: NamedFeature[] = FEATURE_FAMILIES.flatMap(({ features }) =>
  features({ ...DEFAULT_SETTINGS, spend: { event: 'pay', property: 'amount' } }),
).map(({ name, value }) => ({ name, value: value ?? { lifecycle: true } }));

const value = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -8, max: 20 }).map((n) => n / 4) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '5',
      '',
      'a',
      'true',
      '中文',
      '2026-01-31',
      '2026-02-30T00:00:00',
      '1899-01-01',
      '2299-12-31',
      '2300-01-01',
      '2026-1-1',
      '2025-12-31 23:59',
    ),
  },
  { weight: 1, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.constantFrom<JsonObject['x']>(null, [], [5], {}, { x: 1 }) },
);
const PROPERTIES = ['amount', '$url_path', 'constructor', 'kind'];
const properties = fc
  .record(Object.fromEntries(PROPERTIES.map((name) => [name, value])), { requiredKeys: [] })
  .map((record) => ({ ...record }) as JsonObject);
const time = fc
  .tuple(
    fc.oneof(fc.integer({ min: -3, max: 14 }), fc.integer({ min: -3, max: 130 })),
    fc.constantFrom(-1, 0, 1, 600_000, 1_800_000, 1_800_001, 4_321_000, 43_200_000),
  )
  .map(([days, offsetMs]) => CUTOFF - days * DAY_MS + offsetMs);
const event = fc.record({
  event: fc.constantFrom(
    'pay',
    'view',
    '$pageview',
    '$AppStart',
    "it's",
    '$MessageSent',
    '$MessageOpened',
    '$LinkClicked',
  ),
  time,
  lateMs: fc.constantFrom(0, 0, 5_000, DAY_MS, 20 * DAY_MS),
  properties,
  isOfAbsorbed: fc.boolean(),
});
const people = fc.array(fc.record({ profile: properties, events: fc.array(event, { maxLength: 20 }) }), {
  minLength: 1,
  maxLength: 12,
});

const name = fc.constantFrom(...PROPERTIES, 'absent');
const filter = fc.oneof(
  fc.record({
    property: name,
    op: fc.constantFrom('equals', 'not_equals'),
    value: fc.constantFrom('5', 1.5, true, 'a'),
  }),
  fc.record({
    property: name,
    op: fc.constantFrom('at_least', 'less_than'),
    value: fc.constantFrom(0, 1, 2.25),
  }),
  fc.record({ property: name, op: fc.constantFrom('is_set', 'is_not_set') }),
);
const measure = fc.oneof(
  fc.record({
    fn: fc.constantFrom('count', 'active_days', 'days_since_first', 'days_since_last', 'streak', 'slope'),
  }),
  fc.record({ fn: fc.constantFrom('sum', 'avg', 'min', 'max', 'stddev', 'median'), property: name }),
  fc.record({
    fn: fc.constantFrom('distinct', 'entropy'),
    over: fc.oneof(
      fc.constantFrom('event', 'hour'),
      name.map((property) => ({ property })),
    ),
  }),
  fc.record({ fn: fc.constant('gap'), stat: fc.constantFrom('mean', 'stddev', 'max', 'current_ratio') }),
  fc.record({ fn: fc.constant('sessions'), stat: fc.constantFrom('count', 'mean_minutes', 'mean_events') }),
);
const window = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 2, max: 120 }).map((days) => ({ last: { days } })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 1, max: 60 }))
      .map(([days, endingDaysAgo]) => ({ last: { days }, endingDaysAgo })),
  },
  { weight: 1, arbitrary: fc.constant('all_time') },
);
const eventName = fc.constantFrom('pay', 'view', '$pageview', '*', 'never', '$MessageSent');
const eventFeature = fc
  .record(
    {
      event: fc.oneof(eventName, fc.array(eventName, { minLength: 1, maxLength: 3 })),
      where: fc.array(filter, { maxLength: 2 }),
      window,
      hours: fc.constantFrom({ from: 0, to: 6 }, { from: 22, to: 5 }, { from: 9, to: 24 }),
      weekdays: fc.constantFrom([1], [6, 7], [2, 3, 4]),
      measure,
    },
    { requiredKeys: ['event', 'window', 'measure'] },
  )
  .filter((feature) => FEATURE_DEFINITION.safeParse({ version: 1, value: feature }).success);
const feature = fc
  .oneof(
    { weight: 6, arbitrary: eventFeature },
    { weight: 2, arbitrary: fc.record({ of: eventFeature, to: eventFeature }).map((ratio) => ({ ratio })) },
    { weight: 1, arbitrary: filter.map((profile) => ({ profile })) },
    { weight: 1, arbitrary: name.map((profileNumber) => ({ profileNumber })) },
    { weight: 1, arbitrary: name.map((profileDaysSince) => ({ profileDaysSince })) },
  )
  .map((value) => FEATURE_DEFINITION.parse({ version: 1, value }).value);
const context = fc.record({
  timeZone: fc.constantFrom('UTC', 'Asia/Shanghai', 'America/New_York', 'Asia/Kolkata'),
  asKnown: fc.boolean(),
  activeWithinDays: fc.constantFrom(null, null, 30, 120),
  lifecycle: fc.constantFrom(
    DEFAULT_SETTINGS.lifecycle,
    {
      newDays: 1,
      atRiskDays: 2,
      dormantDays: 3,
      lostDays: 60,
      returnedDays: 3,
      loyalActiveDays: 2,
      lowActiveDays: 1,
    },
    {
      newDays: 2,
      atRiskDays: 25,
      dormantDays: 40,
      lostDays: 100,
      returnedDays: 30,
      loyalActiveDays: 3,
      lowActiveDays: 1,
    },
  ),
});

type Person = {
  profile: JsonObject;
  events: { event: string; time: number; lateMs: number; properties: JsonObject; isOfAbsorbed: boolean }[];
};
type Row = { person: number; values: (number | null)[] };

const AT = {
  cutoff: CUTOFF,
  timeZone: 'UTC',
  asKnown: false,
  activeWithinDays: null,
  lifecycle: DEFAULT_SETTINGS.lifecycle,
};

describe('Compiled features', () => {
  let engine: TestClickHouse;
  let projects = 0;
  const seen = { values: 0, nulls: 0, labels: new Set<number>() };

  beforeAll(async () => {
    engine = await startClickHouse();
  });
  afterAll(() => engine.stop());

  async function compute(features: NamedFeature[], at: Omit<FeatureContext, 'projectId'>, projectId: number) {
    const { sql, params } = compileFeatures(features, { ...at, projectId });
    return engine.clickhouse.query<Row>(`SELECT * FROM (${sql}) ORDER BY person`, params);
  }

  it('have the values that their definitions mean, whatever the definitions and the data', async () => {
    const samples = fc.tuple(
      people as fc.Arbitrary<Person[]>,
      fc.array(feature, { minLength: 20, maxLength: 20 }),
      context,
    );
    const property = fc.asyncProperty(samples, async ([persons, own, given]) => {
      const projectId = ++projects;
      await store(engine, projectId, persons);
      const features = [...LIBRARY, ...own.map((each, index) => ({ name: `own_${index}`, value: each }))];
      const at = { ...given, cutoff: CUTOFF };
      const rows = await compute(features, at, projectId);
      const expected = persons.flatMap((each, index): Row[] => {
        const values = evaluateFeatures(features, historyOf(each), at);
        return values === null ? [] : [{ person: userIdOf(projectId, index), values }];
      });
      expect(rows.map(({ person }) => person)).toEqual(expected.map(({ person }) => person));
      for (const [index, row] of rows.entries()) {
        features.forEach((each, position) => {
          const [found, meant] = [row.values[position] ?? null, expected[index]?.values[position] ?? null];
          if (meant === null) seen.nulls++;
          else seen.values++;
          if (each.name === 'lifecycle') seen.labels.add(meant ?? 0);
          if (!isSame(found, meant)) {
            const { sql } = compileFeatures([each], { ...at, projectId });
            throw new Error(
              `${JSON.stringify(each)} of ${row.person}: found ${found}, expected ${meant}\n${JSON.stringify(given)}\n${JSON.stringify(persons[(row.person % 100) - 1])}\n${sql}`,
            );
          }
        });
      }
    });
    const isProven = () => seen.values > 5_000 && seen.nulls > 1_000 && seen.labels.size > 5;
    // By chance all of them together may have few persons: then it takes more.
    for (let round = 0; round === 0 || (round < MOST_ROUNDS && !isProven()); round++)
      // What failed says enough; looking for less takes minutes.
      await fc.assert(property, {
        numRuns: DATASETS,
        interruptAfterTimeLimit: 200_000,
        endOnFailure: true,
      });
    // Else the test would prove nothing.
    expect({ ...seen, isProven: isProven() }).toMatchObject({ isProven: true });
  }, 620_000);

  it('keep values of different types apart', async () => {
    const projectId = ++projects;
    const events = [0, '0', false, 'false', 1, '1', true, 'true', '', [], null].map((kind) => ({
      event: 'view',
      time: CUTOFF - DAY_MS,
      lateMs: 0,
      properties: { kind } as JsonObject,
      isOfAbsorbed: false,
    }));
    await store(engine, projectId, [{ profile: {}, events }]);
    const { value } = FEATURE_DEFINITION.parse({
      version: 1,
      value: { event: 'view', window: 'all_time', measure: { fn: 'distinct', over: { property: 'kind' } } },
    });
    const [row] = await compute([{ name: 'kinds', value }], AT, projectId);
    expect(row?.values).toEqual([9]);
  });

  it('are the same for a range of persons as for all of them, merged ones included', async () => {
    const [persons] = fc.sample(people as fc.Arbitrary<Person[]>, { numRuns: 1, seed: 7 });
    const projectId = ++projects;
    await store(engine, projectId, [...(persons ?? []), ...(persons ?? [])]);
    const middle = userIdOf(projectId, (persons ?? []).length);
    const whole = await compute(LIBRARY, AT, projectId);
    const parts = await Promise.all([
      compute(LIBRARY, { ...AT, range: { after: 0, until: middle } }, projectId),
      compute(LIBRARY, { ...AT, range: { after: middle, until: null } }, projectId),
    ]);
    expect(whole.length).toBeGreaterThan(0);
    expect(parts.flat()).toEqual(whole);
  });

  it('never change by what comes at or after the cutoff', async () => {
    const samples = fc.tuple(people as fc.Arbitrary<Person[]>, people as fc.Arbitrary<Person[]>);
    await fc.assert(
      fc.asyncProperty(samples, async ([persons, others]) => {
        const projectId = ++projects;
        const at = { ...AT, asKnown: true };
        await store(engine, projectId, persons.map(knownBefore));
        const before = await compute(LIBRARY, at, projectId);
        await store(engine, projectId, others.map(knownAfter), 'later');
        expect(await compute(LIBRARY, at, projectId)).toEqual(before);
      }),
      { numRuns: 5 },
    );
  });
});

function isKnownBefore({ time, lateMs }: Person['events'][number]): boolean {
  return time < CUTOFF && time + lateMs < CUTOFF;
}

function knownBefore(person: Person): Person {
  return { ...person, events: person.events.filter(isKnownBefore) };
}

function knownAfter(person: Person): Person {
  return { ...person, events: person.events.filter((event) => !isKnownBefore(event)) };
}

/** Sums of logarithms and squares are not exact, and their order is the engine's. */
function isSame(found: number | null, meant: number | null): boolean {
  if (found === null || meant === null) return found === meant;
  return Math.abs(found - meant) <= 1e-9 * Math.max(1, Math.abs(meant));
}

function userIdOf(projectId: number, index: number): number {
  return projectId * 100 + index + 1;
}

function absorbedIdOf(projectId: number, index: number): number {
  return userIdOf(projectId, index) + 50;
}

function historyOf({ events, profile }: Person): UserHistory {
  return { events: events.map((each) => ({ ...each, receivedAt: each.time + each.lateMs })), profile };
}

/** Every person has absorbed another one, under whose number some of the events were stored. */
async function store(
  { clickhouse }: TestClickHouse,
  projectId: number,
  persons: readonly Person[],
  batch = 'first',
): Promise<void> {
  const events = persons.flatMap((each, index) =>
    each.events.map((entry, position) => ({
      eventId: createHash('md5').update(`${batch}.${projectId}.${index}.${position}`).digest('hex'),
      projectId,
      type: 'track' as const,
      event: entry.event,
      userId: entry.isOfAbsorbed ? absorbedIdOf(projectId, index) : userIdOf(projectId, index),
      distinctId: `d${index}`,
      identities: {},
      originalId: null,
      time: entry.time,
      clientTime: entry.time,
      receivedAt: entry.time + entry.lateMs,
      source: 'test',
      properties: entry.properties,
    })),
  );
  const profiles = new RowWriter();
  const aliases = new RowWriter();
  persons.forEach((each, index) => {
    const userId = userIdOf(projectId, index);
    profiles.uint32(projectId);
    profiles.int64(userId);
    profiles.json(each.profile);
    profiles.int64(2);
    profiles.uint8(0);
    for (const number of [absorbedIdOf(projectId, index), userId, 1]) aliases.int64(number);
  });
  if (events.length > 0) await clickhouse.insertRows(EVENT_ROWS, await toEventRows(events));
  await clickhouse.insertRows('profile (project_id, user_id, properties, version, is_deleted)', profiles);
  await clickhouse.insertRows('person_alias (person_id, canonical, version)', aliases);
  await clickhouse.command('SYSTEM RELOAD DICTIONARY person_canonical');
}
