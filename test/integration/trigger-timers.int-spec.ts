import { connectDatabase } from '../../src/app/migrations.js';
import { type Effect, EffectSink } from '../../src/kernel/effects.js';
import type { TrackedRecord } from '../../src/kernel/event.js';
import { newId } from '../../src/kernel/ids.js';
import { Clock } from '../../src/platform/clock/clock.js';
import type { Database } from '../../src/platform/db/database.js';
import { log } from '../../src/platform/log/log.js';
import { JobQueue } from '../../src/platform/queue/job.js';
import { News } from '../../src/platform/threads/news.js';
import { EvaluatedUntil } from '../../src/trigger/contract.js';
import type { TriggerRule } from '../../src/trigger/core/rule.js';
import { DecisionRepository } from '../../src/trigger/data/decision.repository.js';
import { MergeRepository } from '../../src/trigger/data/merge.repository.js';
import { TimerRepository } from '../../src/trigger/data/timer.repository.js';
import { TriggerRepository } from '../../src/trigger/data/trigger.repository.js';
import { TriggerTables } from '../../src/trigger/data/trigger-tables.js';
import { RuleCache } from '../../src/trigger/rule-cache.js';
import { TimerService } from '../../src/trigger/timer.service.js';
import { TriggerService } from '../../src/trigger/trigger.service.js';
import { ValueLookup } from '../../src/trigger/value-lookup.js';
import { type Rekindle, startRekindle } from '../support/rekindle.js';
import { databaseUrlOf } from '../support/stores.js';

const MINUTE = 60_000;

class SetClock extends Clock {
  time = Date.UTC(2026, 5, 1);
  now(): number {
    return this.time;
  }
}

class NoQueue extends JobQueue {
  async add(): Promise<void> {}
  async addMany(): Promise<void> {
    throw new Error('The queue is away.');
  }
}

class ListSink extends EffectSink {
  readonly keys: string[] = [];
  fails = false;
  async dispatch(effects: readonly Effect[]): Promise<void> {
    if (this.fails) throw new Error('PostgreSQL is away.');
    for (const effect of effects) this.keys.push('dedupeKey' in effect ? effect.dedupeKey : '');
  }
}

/** The stage on a real PostgreSQL, with a clock that the tests set and without queue or schedule. */
/** No rule here asks for features or scores. */
const NOTHING_COMPUTED = {};

describe('the timers of triggers', () => {
  let rekindle: Rekindle;
  let db: Database;
  let clock: SetClock;
  let sink: ListSink;
  let evaluatedUntil: number;
  let projectId = 1_000;
  let nextId = 1;

  beforeAll(async () => {
    // The queue that is away would fill the output.
    log.level = 'silent';
    rekindle = await startRekindle({ ROLE: 'api' });
    db = await connectDatabase(await databaseUrlOf(rekindle), 12);
  });
  beforeEach(() => {
    clock = new SetClock();
    sink = new ListSink();
    evaluatedUntil = Number.MAX_SAFE_INTEGER;
    projectId++;
  });
  afterAll(async () => {
    await db.close();
    await rekindle.stop();
  });

  /** One process's worth of the stage. */
  const worker = () => {
    const decisions = new DecisionRepository(db);
    const tables = new TriggerTables(new TimerRepository(db), decisions, new MergeRepository(db, decisions));
    const evaluated = new (class extends EvaluatedUntil {
      async get(): Promise<number> {
        return evaluatedUntil;
      }
    })();
    const timers = new TimerService(db, clock, new NoQueue(), sink, evaluated, tables);
    const rules = new RuleCache(new TriggerRepository(db), clock, new News());
    const values = new ValueLookup(NOTHING_COMPUTED as never, NOTHING_COMPUTED as never);
    const triggers = new TriggerService(db, clock, rules, tables, timers, values);
    return { triggers, timers };
  };
  const insert = async (changes: Partial<TriggerRule> = {}) => {
    const rule: TriggerRule = {
      version: 1,
      on: { event: 'View', where: [] },
      unless: { event: 'Pay', where: [], within: { minutes: 30 } },
      latenessHours: 24,
      actions: [{ type: 'webhook', url: 'https://hooks.example.com/', body: {} }],
      ...changes,
    };
    const at = new Date(clock.time);
    const id = newId('trigger');
    const row = {
      id,
      projectId,
      name: 'x',
      rule,
      version: 1,
      state: 'active' as const,
      createdAt: at,
      updatedAt: at,
    };
    await new TriggerRepository(db).insert(row);
    return id;
  };
  const record = (userId: number, event: string, properties = {}): TrackedRecord => ({
    eventId: `e${nextId++}`,
    projectId,
    type: 'track',
    event,
    distinctId: `d${userId}`,
    identities: {},
    originalId: null,
    time: clock.time,
    clientTime: clock.time,
    receivedAt: clock.time,
    source: 'test/1',
    properties,
    userId,
  });
  const traceOf = async (triggerId: string) =>
    (
      await db.query<{ line: string }>(
        `SELECT concat_ws(' ', user_id, outcome, reason) AS line FROM trigger_decision WHERE trigger_id = $1 ORDER BY 1`,
        [triggerId],
      )
    ).map(({ line }) => line);
  const keysOf = (triggerId: string) => sink.keys.filter((key) => key.startsWith(`trigger:${triggerId}:`));
  const users = () => {
    const first = nextId * 1_000;
    return [first, first + 1] as const;
  };

  it('opens no second timer when a batch comes again, and fires the same at once', async () => {
    const [u] = users();
    const waits = await insert();
    const fires = await insert({ unless: undefined, cooldown: { hours: 1 } });
    const { triggers } = worker();
    const batch = [record(u, 'Pay'), record(u, 'View', { text: 'a\u0000b\ud800' }), record(u, 'View')];
    const first = await triggers.match(batch);
    expect(first).toMatchObject([{ kind: 'call_webhook', userId: u, origin: fires }]);
    clock.time += MINUTE;
    expect(await triggers.match(batch)).toEqual(first);
    expect(await traceOf(waits)).toEqual([`${u} not_fired already_waiting`, `${u} waiting`]);
    expect(await traceOf(fires)).toEqual([`${u} fired`, `${u} not_fired cooldown`]);
  });

  it('are fired once each by several workers', async () => {
    const [first] = users();
    const id = await insert();
    const batch = Array.from({ length: 3_000 }, (_, i) => record(first + i, 'View'));
    await worker().triggers.match(batch);
    clock.time += 30 * MINUTE;
    await Promise.all([worker(), worker(), worker()].map(({ timers }) => timers.settleDue()));
    await worker().timers.settleDue();
    expect(keysOf(id).sort()).toEqual(batch.map(({ eventId }) => `trigger:${id}:${eventId}:0`).sort());
  });

  it('wait until everything received before their end has been evaluated', async () => {
    const [u] = users();
    const id = await insert();
    const { triggers, timers } = worker();
    await triggers.match([record(u, 'View')]);
    const dueAt = clock.time + 30 * MINUTE;
    clock.time = dueAt + MINUTE;
    evaluatedUntil = dueAt - 1;
    await timers.settleDue();
    expect(keysOf(id)).toEqual([]);
    evaluatedUntil = dueAt;
    await timers.settleDue();
    expect(keysOf(id)).toHaveLength(1);
  });

  it('are still there when what they ask for could not be written', async () => {
    const [u] = users();
    const id = await insert();
    const { triggers, timers } = worker();
    await triggers.match([record(u, 'View')]);
    clock.time += 30 * MINUTE;
    sink.fails = true;
    await expect(timers.settleDue()).rejects.toThrow('PostgreSQL is away.');
    expect(await traceOf(id)).toEqual([`${u} waiting`]);
    sink.fails = false;
    await timers.settleDue();
    expect(await traceOf(id)).toEqual([`${u} fired`, `${u} waiting`]);
  });

  it('do not fire when the service was down for too long', async () => {
    const [u] = users();
    const id = await insert({ latenessHours: 1 });
    const { triggers, timers } = worker();
    await triggers.match([record(u, 'View')]);
    clock.time += 91 * MINUTE;
    await timers.settleDue();
    expect(await traceOf(id)).toEqual([`${u} cancelled too_late`, `${u} waiting`]);
    expect(keysOf(id)).toEqual([]);
  });

  it('that end together fire once per user within the cooldown', async () => {
    const [u] = users();
    const id = await insert({
      unless: { event: 'Pay', where: [], within: { minutes: 30 }, sameProperty: 'product' },
      cooldown: { hours: 1 },
    });
    const { triggers, timers } = worker();
    await triggers.match(['p1', 'p2', 'p3'].map((product) => record(u, 'View', { product })));
    clock.time += 30 * MINUTE;
    await Promise.all([timers.settleDue(), worker().timers.settleDue()]);
    await timers.settleDue();
    expect(keysOf(id)).toHaveLength(1);
    expect((await traceOf(id)).filter((line) => line.includes('cancelled'))).toEqual([
      `${u} cancelled cooldown`,
      `${u} cancelled cooldown`,
    ]);
  });

  it('follow their person through a merge: the first opened stays', async () => {
    const [stranger, member] = users();
    const id = await insert();
    const { triggers } = worker();
    await triggers.match([record(stranger, 'View')]);
    clock.time += MINUTE;
    await triggers.match([record(member, 'View')]);
    const merges = [{ from: stranger, into: member }];
    await triggers.usersMerged(merges);
    await triggers.usersMerged(merges);
    expect(await traceOf(id)).toEqual([
      `${member} cancelled already_waiting`,
      `${member} waiting`,
      `${member} waiting`,
    ]);
    await triggers.match([record(member, 'Pay')]);
    expect((await traceOf(id)).filter((line) => line.includes('followed_by_event'))).toHaveLength(1);
  });

  it('whose time is up make way for the next wait before they are settled', async () => {
    const [u] = users();
    const id = await insert();
    const { triggers, timers } = worker();
    await triggers.match([record(u, 'View')]);
    clock.time += 30 * MINUTE;
    await triggers.match([record(u, 'Pay'), record(u, 'View')]);
    await timers.settleDue();
    expect(await traceOf(id)).toEqual([`${u} fired`, `${u} waiting`, `${u} waiting`]);
  });
});
