import 'reflect-metadata';
import { connectDatabase } from '../../src/app/migrations.js';
import type { Database } from '../../src/platform/db/database.js';
import { type LaneLimits, RunLanesRepository } from '../../src/segment/data/run-lanes.repository.js';
import { SegmentRunRepository } from '../../src/segment/data/segment-run.repository.js';
import { type Rekindle, startRekindle } from '../support/rekindle.js';
import { databaseUrlOf } from '../support/stores.js';

const LEASE_MS = 60_000;
const MINUTE_MS = 60_000;
const LIMITS: LaneLimits = { total: 4, perProject: 2, heavy: 1 };

/** The order of runs, on a PostgreSQL that no worker looks into. */
describe('Lanes of runs', () => {
  let rekindle: Rekindle;
  let db: Database;
  let runs: SegmentRunRepository;
  let lanes: RunLanesRepository;
  let nowMs = Date.UTC(2026, 10, 1);

  beforeAll(async () => {
    rekindle = await startRekindle({ ROLE: 'collect' });
    db = await connectDatabase(await databaseUrlOf(rekindle), 8);
    runs = new SegmentRunRepository(db);
    lanes = new RunLanesRepository(db, runs);
  });
  afterAll(async () => {
    await db?.close();
    await rekindle?.stop();
  });
  beforeEach(async () => {
    await db.execute('DELETE FROM segment_run');
    nowMs += 86_400_000;
  });

  async function queue(projectId: number, segmentId: string, given: Record<string, unknown> = {}) {
    nowMs += 1;
    const { lane = 'light', asOf = nowMs, priority = 'normal' } = given;
    const run = await runs.queue(
      { segmentId, projectId, version: 1, asOf, trigger: 'manual', priority } as never,
      nowMs,
    );
    if (lane !== null) await lanes.setLane(run.id, lane as 'light', null);
    return run.id;
  }

  /** The segments of the runs that begin, in order, until none may. */
  async function claimAll(limits = LIMITS): Promise<string[]> {
    const begun: string[] = [];
    for (;;) {
      const next = await lanes.claimNext(limits, { nowMs, leaseMs: LEASE_MS });
      if (next.kind !== 'claimed') return begun;
      begun.push(next.run.segmentId);
      nowMs += 1;
    }
  }

  async function finish(segmentId: string) {
    await db.execute(
      `UPDATE segment_run SET state = 'done', lease_until = NULL WHERE segment_id = $1 AND state = 'running'`,
      [segmentId],
    );
  }

  it('leave a place for a project while another one has 200 runs', async () => {
    for (let n = 0; n < 200; n++) await queue(1, `flood-${n}`);
    expect(await claimAll()).toHaveLength(2);
    await queue(2, 'single');
    expect(await claimAll()).toEqual(['single']);
  });

  it('go round among the projects, whatever the number and priority of their runs', async () => {
    for (let n = 0; n < 9; n++) await queue(1, `a${n}`, { priority: 'high' });
    for (let n = 0; n < 3; n++) await queue(2, `b${n}`, { priority: 'low' });
    await queue(3, 'c0');
    const order: string[] = [];
    for (let n = 0; n < 6; n++) {
      const [segment = ''] = await claimAll({ ...LIMITS, total: 1 });
      order.push(segment[0] ?? '');
      await finish(segment);
    }
    expect([...order.slice(0, 3)].sort()).toEqual(['a', 'b', 'c']);
    expect([...order.slice(3, 5)].sort()).toEqual(['a', 'b']);
  });

  it('put the urgent first within a project, and raise those that wait long', async () => {
    await queue(1, 'low', { priority: 'low' });
    await queue(1, 'normal');
    await queue(1, 'high', { priority: 'high' });
    expect(await claimAll({ ...LIMITS, perProject: 3 })).toEqual(['high', 'normal', 'low']);

    await queue(2, 'old and low', { priority: 'low' });
    nowMs += 91 * MINUTE_MS;
    await queue(2, 'new and high', { priority: 'high' });
    expect((await claimAll({ ...LIMITS, perProject: 1, total: 9 }))[0]).toBe('old and low');
  });

  it('let light runs pass while heavy ones wait for their place', async () => {
    await queue(1, 'heavy 1', { lane: 'heavy', priority: 'high' });
    await queue(2, 'heavy 2', { lane: 'heavy', priority: 'high' });
    await queue(2, 'light');
    expect(await claimAll()).toEqual(['heavy 1', 'light']);
    await finish('heavy 1');
    expect(await claimAll()).toEqual(['heavy 2']);
  });

  it('ask for a forecast before they give a run its place', async () => {
    const runId = await queue(1, 'unknown', { lane: null });
    const at = { nowMs, leaseMs: LEASE_MS };
    expect(await lanes.claimNext(LIMITS, at)).toEqual({ kind: 'unknown_lane', runId, projectId: 1 });
    const forecast = { rows: 9, bytes: 90, tables: [] };
    await lanes.setLane(runId, 'light', forecast);
    expect(await lanes.claimNext(LIMITS, at)).toMatchObject({ kind: 'claimed', run: { rowsForecast: 9 } });

    const refused = await queue(1, 'too much', { lane: null });
    await lanes.refuse(refused, forecast, { error: 'Too much.', nowMs });
    expect(await runs.find(1, refused)).toMatchObject({ state: 'failed', error: 'Too much.', attempts: 0 });
  });

  it('give one segment one run at a time, by its moments', async () => {
    const asOf = nowMs - 3_000;
    await queue(1, 'same', { asOf: asOf + 2_000 });
    await queue(1, 'same', { asOf });
    const first = await lanes.claimNext(LIMITS, { nowMs, leaseMs: LEASE_MS });
    expect(first).toMatchObject({ kind: 'claimed', run: { asOf: new Date(asOf) } });
    expect(await claimAll()).toEqual([]);
    await finish('same');
    expect(await claimAll()).toEqual(['same']);
  });

  it('give the run of a dead worker to another one, and its place meanwhile to others', async () => {
    for (const name of ['a', 'b', 'c']) await queue(1, name);
    expect(await claimAll()).toHaveLength(2);
    nowMs += LEASE_MS + 1_000;
    // Both workers are gone: the places are free, and their runs wait longest.
    expect([...(await claimAll())].sort()).toEqual(['a', 'b']);
    const retaken = await runs.list('a', null, 1);
    expect(retaken).toMatchObject([{ state: 'running', attempts: 2 }]);
  });

  it('never begin more than they may, however many workers look at once', async () => {
    for (let n = 0; n < 12; n++) await queue(n % 4, `s${n}`, { lane: n % 3 === 0 ? 'heavy' : 'light' });
    const at = { nowMs, leaseMs: LEASE_MS };
    const found = await Promise.all(Array.from({ length: 8 }, () => lanes.claimNext(LIMITS, at)));
    const begun = found.flatMap((next) => (next.kind === 'claimed' ? [next.run] : []));
    expect(begun).toHaveLength(4);
    expect(new Set(begun.map(({ id }) => id)).size).toBe(4);
    expect(begun.filter(({ lane }) => lane === 'heavy').length).toBeLessThanOrEqual(1);
  });

  it('end a cancelled run, whose worker then loses it', async () => {
    await queue(1, 'mine');
    const next = await lanes.claimNext(LIMITS, { nowMs, leaseMs: LEASE_MS });
    if (next.kind !== 'claimed') throw new Error('nothing was claimed');
    expect(await runs.leases.cancel(next.run.id, nowMs)).toBe(true);
    expect(await runs.leases.renew(next.run, nowMs + LEASE_MS)).toBe(false);
    expect(await runs.leases.cancel(next.run.id, nowMs)).toBe(false);
  });
});
