import { createHash } from 'node:crypto';
import type { TrackedRecord } from '../kernel/event.js';
import { RecentIds } from './recent-ids.js';

const NOON = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;

function records(from: number, to: number, time = NOON): TrackedRecord[] {
  return Array.from({ length: to - from }, (_, i) => ({
    eventId: createHash('sha256')
      .update(String(from + i))
      .digest('hex')
      .slice(0, 32),
    projectId: 1,
    type: 'track',
    event: 'View',
    distinctId: 'd',
    identities: {},
    originalId: null,
    time,
    clientTime: time,
    receivedAt: time,
    source: '',
    properties: {},
    userId: 1,
  }));
}

function setUp(stored: readonly TrackedRecord[] = [], memoryBytes?: number) {
  const loads: [number, number][] = [];
  const recent = new RecentIds(async (_projectId, { fromMs, toMs }, limit) => {
    loads.push([fromMs, toMs]);
    return stored
      .filter(({ time }) => time >= fromMs && time < toMs)
      .slice(0, limit)
      .map(({ eventId }) => eventId);
  }, memoryBytes);
  const suspects = async (lease: number, batch: readonly TrackedRecord[]) =>
    (await recent.findSuspects(lease, batch, ({ clientTime }) => clientTime ?? 0)).length;
  return { suspects, loads };
}

describe('RecentIds', () => {
  it('loads a minute once and suspects only what came before', async () => {
    const { suspects, loads } = setUp(records(0, 50));
    expect(await suspects(1, records(0, 100))).toBe(50);
    expect(await suspects(1, records(90, 200))).toBe(10);
    expect(loads).toEqual([[NOON, NOON + MINUTE]]);
  });

  it('suspects every record of a minute of which a batch has few', async () => {
    const { suspects, loads } = setUp();
    expect(await suspects(1, records(0, 10))).toBe(10);
    expect(loads).toEqual([]);
  });

  it('knows nothing of a lane that was leased anew', async () => {
    const { suspects, loads } = setUp();
    expect(await suspects(1, records(0, 100))).toBe(0);
    expect(await suspects(2, records(0, 100))).toBe(0);
    expect(loads).toHaveLength(2);
  });

  it('suspects every record of a minute with too many', async () => {
    const many = records(0, 1).flatMap((record) => new Array<TrackedRecord>(100_001).fill(record));
    const { suspects, loads } = setUp(many);
    expect(await suspects(1, records(5, 105))).toBe(100);
    expect(await suspects(1, records(105, 205))).toBe(100);
    expect(loads).toHaveLength(1);
  });

  it('forgets the minute that was used before all others when memory is short', async () => {
    const { suspects, loads } = setUp([], 64 * 1024);
    const first = records(0, 100);
    expect(await suspects(1, first)).toBe(0);
    expect(await suspects(1, records(1_000, 2_500, NOON + MINUTE))).toBe(0);
    expect(await suspects(1, first)).toBe(100);
    expect(await suspects(1, records(3_000, 6_000, NOON + 2 * MINUTE))).toBe(0);
    expect(await suspects(1, records(7_000, 10_000, NOON + 3 * MINUTE))).toBe(0);
    expect(await suspects(1, first)).toBe(0);
    expect(loads.filter(([fromMs]) => fromMs === NOON)).toHaveLength(2);
  });

  it('suspects what is beyond its memory', async () => {
    const { suspects } = setUp([], 64 * 1024);
    const beyond = await suspects(1, records(0, 10_000));
    expect(beyond).toBeGreaterThan(2_000);
    expect(beyond).toBeLessThan(8_000);
  });

  it('suspects every record without a time of its own', async () => {
    const { suspects, loads } = setUp();
    const timeless = records(0, 100).map((record) => ({ ...record, clientTime: null }));
    expect(await suspects(1, timeless)).toBe(100);
    expect(loads).toEqual([]);
  });
});
