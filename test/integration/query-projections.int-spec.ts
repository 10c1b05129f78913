import {
  compileSampleParts,
  compileSeenEvents,
  compileSeenPersons,
  type EventRow,
} from '../../src/query/core/compile-catalogue.js';
import { compileCounts } from '../../src/query/core/compile-counts.js';
import { compileEvents } from '../../src/query/core/compile-events.js';
import type { CompiledQuery } from '../../src/query/core/event-sql.js';
import { EVENTS_QUERY } from '../../src/query/core/events-query.js';
import { bucketStarts } from '../../src/query/core/time-buckets.js';
import { resolveRange } from '../../src/query/core/time-range.js';
import { compileLive } from '../../src/segment/core/compile-segment.js';
import type { SegmentDefinition } from '../../src/segment/core/condition.js';
import { startClickHouse, type TestClickHouse } from '../support/clickhouse.js';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const SPAN = { fromMs: Date.parse('2026-02-20'), toMs: Date.parse('2026-03-11') };
const PAGE = { span: SPAN, search: '', after: null, limit: 100 };
const EVENTS = 60_000;
const BATCHES = 4;

/** Every fifth user was absorbed by the one before. */
const ALIASES = `INSERT INTO person_alias SELECT number * 5 + 5, number * 5 + 4, 1 FROM numbers(400)`;
/** Two months, two projects; the last few events are later than now. */
const FILL = `
  INSERT INTO event (project_id, event, user_id, time, event_id, client_time, received_at, properties)
  SELECT 1 + number % 2, ['view', 'cart', 'pay', '$MessageSent'][1 + cityHash64(number, 1) % 4],
    1 + cityHash64(number, 2) % 2000,
    fromUnixTimestamp64Milli({now:Int64} + 600000 - toInt64(cityHash64(number, 3) % 3000000) * 1000, 'UTC') AS at,
    generateUUIDv4(), at, at, '{}'
  FROM numbers({from:UInt64}, {count:UInt64})`;

const SILENT_PAYERS: SegmentDefinition = {
  version: 1,
  where: {
    all: [
      { event: 'pay', window: { last: { days: 30 } }, compare: { op: 'at_least', value: 1 } },
      { event: '*', window: { last: { days: 3 } }, compare: { op: 'at_most', value: 0 } },
    ],
  },
};

describe('The projections of the event table', () => {
  let engine: TestClickHouse;

  beforeAll(async () => {
    engine = await startClickHouse();
    await engine.clickhouse.command(ALIASES);
    await engine.clickhouse.command('SYSTEM RELOAD DICTIONARY person_canonical');
    for (let batch = 0; batch < BATCHES; batch++) {
      const count = EVENTS / BATCHES;
      await engine.clickhouse.command(FILL, { now: NOW, from: batch * count, count });
    }
    // The first merge of parts makes their projections.
    await engine.clickhouse.command('OPTIMIZE TABLE event FINAL');
  });
  afterAll(() => engine.stop());

  const read = <Row>({ sql, params }: CompiledQuery, settings: Record<string, number | string>) =>
    engine.clickhouse.query<Row>(sql, params, { settings });
  /** Fails where no projection is read. */
  const byProjection = <Row>(compiled: CompiledQuery) =>
    read<Row>(compiled, { force_optimize_projection: 1 });
  const byEvents = <Row>(compiled: CompiledQuery) => read<Row>(compiled, { optimize_use_projections: 0 });

  async function expectSameCatalogue(): Promise<void> {
    const seen = await byProjection<EventRow>(compileSeenEvents(1, PAGE));
    expect(seen).toEqual(await byEvents(compileSeenEvents(1, PAGE)));
    const names = seen.map(({ name }) => name);
    // The query reads merged users too, of which there is no projection.
    const persons = await read<{ name: string; persons: number }>(compileSeenPersons(1, names, SPAN), {});
    const expected = await engine.clickhouse.query(
      `SELECT toString(event) AS name, uniqExact(person) AS persons FROM event
       WHERE project_id = 1 AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
         AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
       GROUP BY name ORDER BY name`,
      { from: SPAN.fromMs, to: SPAN.toMs },
    );
    expect([...persons].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(expected);
    expect(await byProjection(compileSampleParts(1, 'pay', SPAN))).toEqual(
      await byEvents(compileSampleParts(1, 'pay', SPAN)),
    );
  }

  it('give the catalogue that the events give, merged persons once', async () => {
    await expectSameCatalogue();
  });

  it.each([
    ['UTC', { from: '2026-03-01', to: '2026-03-05' }, undefined],
    ['America/New_York', { from: '2026-03-05', to: '2026-03-10' }, 'day'],
    ['Asia/Kathmandu', { from: '2026-02-01', to: '2026-03-09' }, 'week'],
    ['Asia/Kolkata', { from: '2026-03-02', to: '2026-03-05' }, 'hour'],
  ])('give the counts that the events give, in the zone %s', async (timeZone, range, bucket) => {
    for (const events of [undefined, ['pay'], ['pay', 'view', 'never']]) {
      const query = EVENTS_QUERY.parse({ range, bucket, events });
      const span = resolveRange(range, { nowMs: NOW, timeZone });
      const starts = query.bucket ? bucketStarts(query.bucket, span, timeZone) : null;
      const plan = { projectId: 2, span, starts };
      const counts = compileCounts(query, plan, NOW);
      const rows = counts && (await byProjection<Record<string, number>>(counts));
      expect(rows?.map(({ lastMs: _, ...row }) => row)).toEqual(await byEvents(compileEvents(query, plan)));
    }
  });

  it('give the same where parts of single batches are not merged yet', async () => {
    await engine.clickhouse.command('SYSTEM STOP MERGES event');
    await engine.clickhouse.command(FILL, { now: NOW, from: EVENTS, count: 1_000 });
    const unmerged = await engine.clickhouse.query(
      `SELECT DISTINCT projections FROM system.parts WHERE active AND database = currentDatabase() AND table = 'event' AND level = 0`,
    );
    expect(unmerged).toEqual([{ projections: [] }]);
    await expectSameCatalogue();
    await engine.clickhouse.command('SYSTEM START MERGES event');
    await engine.clickhouse.command('OPTIMIZE TABLE event FINAL');
    await expectSameCatalogue();
  });

  it('give what happened to a few users without a look at the events', async () => {
    const { sql, params } = compileLive(SILENT_PAYERS, {
      projectId: 1,
      asOf: NOW,
      timeZone: 'UTC',
      within: {
        users: () => 'SELECT arrayJoin([7, 8, 9])',
        persons: 'SELECT arrayJoin([7, 8])',
        person: 'if(user_id = 9, 8, user_id)',
      },
    });
    const answers = await read({ sql, params }, { force_optimize_projection_name: 'by_user' });
    expect(answers).not.toEqual([]);
    expect(answers).toEqual(await byEvents({ sql, params }));
  });

  it('give the same after events were deleted, either way', async () => {
    const sync = { settings: { mutations_sync: 1, lightweight_deletes_sync: 1 } };
    await engine.clickhouse.command('ALTER TABLE event DELETE WHERE user_id % 7 = 0', {}, sync);
    await expectSameCatalogue();
    await engine.clickhouse.command('DELETE FROM event WHERE user_id % 7 = 1', {}, sync);
    await expectSameCatalogue();
  });

  it('give the same for parts of before, once they are made for them', async () => {
    const sync = { settings: { mutations_sync: 1 } };
    await engine.clickhouse.command(
      'ALTER TABLE event CLEAR PROJECTION seen_by_day IN PARTITION 202602',
      {},
      sync,
    );
    await expectSameCatalogue();
    await engine.clickhouse.command('ALTER TABLE event MATERIALIZE PROJECTION seen_by_day', {}, sync);
    await expectSameCatalogue();
  });
});
