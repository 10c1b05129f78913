import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { ClickHouse } from '../../src/platform/clickhouse/clickhouse.js';
import { RowWriter } from '../../src/platform/clickhouse/row-writer.js';
import { ActivityRepository } from '../../src/report/data/activity.repository.js';
import { EVENT_ROWS, toEventRows } from '../../src/store/data/event-rows.js';
import { startClickHouse, type TestClickHouse } from '../support/clickhouse.js';

const HOUR = 3_600_000;
const SENT_AT = Date.UTC(2030, 0, 31, 23, 30);
const WINDOW = 2 * HOUR;

describe('persons who returned after a message', () => {
  let engine: TestClickHouse;
  let clickhouse: ClickHouse;
  let activity: ActivityRepository;

  beforeAll(async () => {
    engine = await startClickHouse();
    clickhouse = engine.clickhouse;
    activity = new ActivityRepository(clickhouse);
  });
  afterAll(() => engine.stop());

  /** What happened in a project, as `[person, event, time, campaign?]`. */
  const store = async (projectId: number, happenings: readonly [number, string, number, string?][]) =>
    clickhouse.insertRows(
      EVENT_ROWS,
      await toEventRows(
        happenings.map(([userId, event, time, campaign]) => ({
          eventId: randomUUID().replaceAll('-', ''),
          projectId,
          type: 'track',
          event,
          userId,
          distinctId: '',
          identities: {},
          originalId: null,
          time,
          clientTime: time,
          receivedAt: time,
          source: 'test',
          properties: campaign === undefined ? {} : { campaign_id: campaign },
        })),
      ),
    );

  it.each([
    [1, 'an own event within the window', [['View', SENT_AT + HOUR]], 1],
    [2, 'an own event at the very end of the window', [['View', SENT_AT + WINDOW]], 1],
    [3, 'an own event just behind the window', [['View', SENT_AT + WINDOW + 1]], 0],
    [4, 'an own event before the message', [['View', SENT_AT - 1]], 0],
    [
      5,
      'what Rekindle itself records',
      [
        ['$MessageOpened', SENT_AT + 1],
        ['$LinkClicked', SENT_AT + 2],
      ],
      0,
    ],
    [
      6,
      'two own events are one return',
      [
        ['View', SENT_AT + 1],
        ['Buy', SENT_AT + 2],
      ],
      1,
    ],
  ] as [number, string, [string, number][], number][])(
    'project %i: %s',
    async (projectId, _case, events, returned) => {
      await store(projectId, [
        [7, '$MessageSent', SENT_AT, 'cmp_a'],
        ...events.map(([event, time]): [number, string, number] => [7, event, time]),
      ]);
      expect(await activity.reachOfCampaign(projectId, 'cmp_a', WINDOW)).toEqual({
        reached: 1,
        returned,
        lastSentAt: SENT_AT,
      });
    },
  );

  it('looks behind each of several messages, and at this campaign, this project only', async () => {
    await store(20, [
      [1, '$MessageSent', SENT_AT, 'cmp_a'],
      [1, '$MessageSent', SENT_AT + 10 * HOUR, 'cmp_a'],
      [1, 'View', SENT_AT + 11 * HOUR],
      [2, '$MessageSent', SENT_AT, 'cmp_a'],
      [2, 'View', SENT_AT + 5 * HOUR],
      [3, '$MessageSent', SENT_AT, 'cmp_b'],
      [3, 'View', SENT_AT + HOUR],
    ]);
    await store(21, [[2, 'View', SENT_AT + HOUR]]);
    expect(await activity.reachOfCampaign(20, 'cmp_a', WINDOW)).toEqual({
      reached: 2,
      returned: 1,
      lastSentAt: SENT_AT + 10 * HOUR,
    });
    expect(await activity.reachOfCampaign(20, 'cmp_none', WINDOW)).toEqual({
      reached: 0,
      returned: 0,
      lastSentAt: null,
    });
  });

  it('counts two persons who were merged since as one', async () => {
    await store(30, [
      [100, '$MessageSent', SENT_AT, 'cmp_a'],
      [101, '$MessageSent', SENT_AT, 'cmp_a'],
      [101, 'View', SENT_AT + HOUR],
    ]);
    expect(await activity.reachOfCampaign(30, 'cmp_a', WINDOW)).toMatchObject({ reached: 2, returned: 1 });
    const alias = new RowWriter();
    for (const number of [100, 101, 1]) alias.int64(number);
    await clickhouse.insertRows('person_alias (person_id, canonical, version)', alias);
    await clickhouse.command('SYSTEM RELOAD DICTIONARY person_canonical');
    expect(await activity.reachOfCampaign(30, 'cmp_a', WINDOW)).toMatchObject({ reached: 1, returned: 1 });
  });

  it('counts events and persons by the hour, without what Rekindle records itself', async () => {
    await store(40, [
      [1, 'View', SENT_AT],
      [1, 'View', SENT_AT + 1],
      [2, 'View', SENT_AT + 2],
      [3, '$MessageSent', SENT_AT],
      [4, 'View', SENT_AT + HOUR],
      [5, 'View', SENT_AT + 30 * HOUR],
    ]);
    const hour = Date.UTC(2030, 0, 31, 23);
    const counts = await activity.countsPerHour(40, hour, hour + 24 * HOUR);
    expect(counts.toSorted((a, b) => a.hour - b.hour)).toEqual([
      { hour, events: 3, users: 2 },
      { hour: hour + HOUR, events: 1, users: 1 },
    ]);
  });
});
