import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { JsonObject } from '../../src/kernel/json.js';
import { RowWriter } from '../../src/platform/clickhouse/row-writer.js';
import { compileLive } from '../../src/segment/core/compile-segment.js';
import { SEGMENT_DEFINITION, type SegmentDefinition } from '../../src/segment/core/condition.js';
import { evaluateSegment, type PastEvent } from '../../src/segment/core/evaluate-segment.js';
import type { LookedAt } from '../../src/segment/core/looked-at.js';
import { LiveStore } from '../../src/segment/data/live-store.js';
import { computeStep } from '../../src/segment/live-step.js';
import { EVENT_ROWS, toEventRows } from '../../src/store/data/event-rows.js';
import { startClickHouse, type TestClickHouse } from '../support/clickhouse.js';

/** Ahead of the real clock: edges that passed long ago are thrown away. American clocks change within the steps. */
const YEAR = new Date().getUTCFullYear() + 1;
const START = Date.parse(`${YEAR}-03-08T22:00:00Z`);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const USERS = 8;
const STEPS = 8;
const SEGMENTS_PER_HISTORY = 5;
const HISTORIES = Number(process.env['TWIN_DATASETS'] ?? 5);
const MAX_ROUNDS = 6;

const name = fc.constantFrom('pay', 'pay', 'view', '$MessageSent');
const amount = fc.integer({ min: 0, max: 4 });
const filters = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: amount.map((value) => [{ property: 'amount', op: 'at_least' as const, value }]),
  },
);
const choice = fc.record({ event: fc.constantFrom('pay', 'pay', 'view', '*'), where: filters });
const period = fc.oneof(
  fc.integer({ min: 1, max: 9 }).map((days) => ({ days })),
  fc.integer({ min: 1, max: 50 }).map((hours) => ({ hours })),
);
const window = fc.oneof(
  { weight: 4, arbitrary: period.map((last) => ({ last })) },
  { weight: 2, arbitrary: fc.record({ last: period, before: period }) },
  {
    weight: 4,
    arbitrary: fc.record({
      calendar: fc.oneof(
        fc.integer({ min: 1, max: 5 }).map((days) => ({ days })),
        fc.integer({ min: 1, max: 2 }).map((weeks) => ({ weeks })),
        fc.constant({ months: 1 }),
      ),
      complete: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ since: 'began' }, { since: 'began', first: { days: 2 } }) },
  { weight: 1, arbitrary: fc.constantFrom('all_time', { from: `${YEAR}-03-05`, to: `${YEAR}-03-11` }) },
);
const op = fc.constantFrom('at_least', 'at_most', 'equals', 'more_than', 'less_than');
const counting = fc.record({
  measure: fc.constantFrom({ fn: 'count' }, { fn: 'active_days' }, { fn: 'distinct', property: 'amount' }),
  compare: fc.record({ op, value: fc.integer({ min: 0, max: 2 }) }),
});
const measuring = fc.record({
  measure: fc.constantFrom(
    { fn: 'sum', property: 'amount' },
    { fn: 'max', property: 'amount' },
    { fn: 'avg', property: 'amount' },
  ),
  compare: fc.record({ op, value: amount }),
});
const timing = fc.record({
  measure: fc.constantFrom({ fn: 'first_time' }, { fn: 'last_time' }),
  compare: fc.record({
    op: fc.constantFrom('at_least', 'at_most', 'more_than', 'less_than'),
    ago: period,
  }),
});
const eventCondition = fc
  .tuple(choice, window, fc.oneof({ weight: 2, arbitrary: counting }, measuring, timing))
  .map(([subject, during, test]) => ({ ...subject, window: during, ...test }));
const sequence = fc.record({
  sequence: fc
    .tuple(choice, choice, fc.option(choice))
    .map(([first, second, without]) => [first, { ...second, ...(without ? { without: [without] } : {}) }]),
  within: period,
  window,
});
const lifecycle = fc.oneof(
  fc
    .record({ event: fc.constantFrom('pay', '*'), during: period, silentFor: period })
    .map((stopped) => ({ stopped })),
  fc
    .record({ event: fc.constantFrom('pay', '*'), during: period, silentFor: period })
    .map((resumed) => ({ resumed })),
);
const ofPerson = fc.oneof(
  amount.map((value) => ({ profile: { property: 'amount', op: 'at_least', value } })),
  fc
    .tuple(fc.integer({ min: -3, max: 0 }), fc.integer({ min: 0, max: 3 }))
    .map(([from, to]) => ({ anniversary: { property: 'began', from, to } })),
  fc.constant({ bucket: { salt: 'a', from: 0, to: 50 } }),
);
const leaf = fc.oneof({ weight: 5, arbitrary: eventCondition }, sequence, lifecycle, ofPerson);
const definition = fc
  .oneof(
    leaf,
    fc
      .tuple(fc.constantFrom('all', 'any', 'none'), fc.array(leaf, { minLength: 1, maxLength: 3 }))
      .map(([kind, children]) => ({ [kind]: children })),
  )
  .map((where) => SEGMENT_DEFINITION.parse({ version: 1, where }) as SegmentDefinition);

/** Days before the moment, and an offset by which it may be missed. */
const moment = fc
  .tuple(fc.integer({ min: -1, max: 9 }), fc.constantFrom(-1, 0, 0, 1, 7_200_000, 3 * 7_200_000))
  .map(([days, offsetMs]) => offsetMs - days * DAY_MS);
const user = fc.nat(USERS - 1);
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('event' as const), user, name, at: moment, amount }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('profile' as const),
      user,
      amount,
      began: moment,
      isDate: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('merge' as const), user, into: user }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('undo' as const), user }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;
const step = fc.record({
  passesMs: fc.constantFrom(0, 1, MINUTE_MS, 3_600_000, 7_200_000, DAY_MS - 1, DAY_MS, DAY_MS, 3 * DAY_MS),
  happenings: fc.array(happening, { maxLength: 2 }),
});

interface Person {
  profile: JsonObject;
  /** Who the user is now. */
  is: number;
  events: PastEvent[];
}

/** A project in ClickHouse, and the same in memory. */
class History {
  readonly persons: Person[] = Array.from({ length: USERS }, (_, is) => ({ profile: {}, is, events: [] }));
  private version = 1;
  private events = 0;

  constructor(
    private readonly engine: TestClickHouse,
    readonly projectId: number,
  ) {}

  idOf(index: number): number {
    return this.projectId * 100 + index + 1;
  }

  /** @returns the users to whom it happened */
  async take(happenings: readonly Happening[], now: number): Promise<number[]> {
    const changed = new Set<number>();
    let doesMerge = false;
    for (const each of happenings) {
      this.version++;
      changed.add(this.idOf(each.user));
      if (each.kind === 'event') await this.addEvent(each, now);
      if (each.kind === 'profile') await this.setProfile(each, now);
      if (each.kind === 'merge') changed.add(this.idOf(each.into));
      if (each.kind === 'merge') doesMerge = (await this.merge(each.user, each.into)) || doesMerge;
      if (each.kind === 'undo') doesMerge = (await this.undo(each.user, changed)) || doesMerge;
    }
    if (doesMerge) await this.engine.clickhouse.command('SYSTEM RELOAD DICTIONARY person_canonical');
    return [...changed];
  }

  async writeProfiles(indexes: readonly number[]): Promise<void> {
    const rows = new RowWriter();
    for (const index of indexes) {
      const person = this.persons[index] as Person;
      rows.uint32(this.projectId);
      rows.int64(this.idOf(index));
      rows.json(person.profile);
      rows.int64(this.version);
      rows.uint8(person.is === index ? 0 : 1);
    }
    await this.engine.clickhouse.insertRows(
      'profile (project_id, user_id, properties, version, is_deleted)',
      rows,
    );
  }

  membersOf(definition: SegmentDefinition, asOf: number, timeZone: string): number[] {
    return this.persons.flatMap((person, index) => {
      if (person.is !== index) return [];
      const events = this.persons.filter(({ is }) => is === index).flatMap((each) => each.events);
      const history = { userId: this.idOf(index), profile: person.profile, events };
      return evaluateSegment(definition, history, { asOf, timeZone }) ? [this.idOf(index)] : [];
    });
  }

  private async addEvent(given: Extract<Happening, { kind: 'event' }>, now: number): Promise<void> {
    const userId = this.idOf(given.user);
    const event = { event: given.name, time: now + given.at, properties: { amount: given.amount } };
    this.persons[given.user]?.events.push(event);
    const eventId = createHash('md5')
      .update(`${this.projectId}.${++this.events}`)
      .digest('hex');
    const record = {
      ...event,
      eventId,
      projectId: this.projectId,
      type: 'track' as const,
      userId,
      distinctId: '',
      identities: {},
      originalId: null,
      clientTime: event.time,
      receivedAt: now,
      source: 'test',
    };
    await this.engine.clickhouse.insertRows(EVENT_ROWS, await toEventRows([record]));
  }

  private async setProfile(given: Extract<Happening, { kind: 'profile' }>, now: number): Promise<void> {
    const index = this.persons[given.user]?.is ?? given.user;
    const began = new Date(now + given.began).toISOString();
    (this.persons[index] as Person).profile = {
      amount: given.amount,
      began: given.isDate ? began.slice(0, 10) : began,
    };
    await this.writeProfiles([index]);
  }

  private async merge(from: number, into: number): Promise<boolean> {
    const [absorbed, survivor] = [this.persons[from], this.persons[into]];
    if (!absorbed || !survivor || from === into || absorbed.is !== from || survivor.is !== into) return false;
    for (const person of this.persons) if (person.is === from) person.is = into;
    await this.writeProfiles([from]);
    await this.writeAliases();
    return true;
  }

  private async undo(index: number, changed: Set<number>): Promise<boolean> {
    const person = this.persons[index];
    if (!person || person.is === index) return false;
    changed.add(this.idOf(person.is));
    person.is = index;
    await this.writeProfiles([index]);
    await this.writeAliases();
    return true;
  }

  private async writeAliases(): Promise<void> {
    const rows = new RowWriter();
    for (const [index, { is }] of this.persons.entries()) {
      for (const number of [this.idOf(index), this.idOf(is), this.version]) rows.int64(number);
    }
    await this.engine.clickhouse.insertRows('person_alias (person_id, canonical, version)', rows);
  }
}

describe('A live segment', () => {
  let engine: TestClickHouse;
  let store: LiveStore;
  let numbers = 0;
  const totals = { compared: 0, entered: 0, exited: 0, byTimeAlone: 0, looked: 0, unlooked: 0 };

  beforeAll(async () => {
    engine = await startClickHouse();
    store = new LiveStore(engine.clickhouse);
  });
  afterAll(() => engine.stop());

  it('has after every update the members that its definition means at that moment', async () => {
    const samples = fc.tuple(
      fc.array(happening, { minLength: 5, maxLength: 20 }),
      fc.array(definition, { minLength: SEGMENTS_PER_HISTORY, maxLength: SEGMENTS_PER_HISTORY }),
      fc.array(step, { minLength: STEPS, maxLength: STEPS }),
      fc.constantFrom('UTC', 'Asia/Shanghai', 'America/New_York'),
    );
    const property = fc.asyncProperty(samples, async ([past, definitions, steps, timeZone]) => {
      const history = new History(engine, ++numbers);
      await history.writeProfiles(history.persons.map((_, index) => index));
      await history.take(past, START);
      const compileAt = (each: SegmentDefinition, asOf: number, within?: LookedAt) =>
        compileLive(each, {
          projectId: history.projectId,
          asOf,
          timeZone,
          ...(within ? { within } : {}),
        });
      const builds = await Promise.all(
        definitions.map(async (each) => {
          const build = ++numbers;
          await store.build(build, compileAt(each, START));
          expect(await store.page(build, 0, 100)).toEqual(history.membersOf(each, START, timeZone));
          return { each, build };
        }),
      );
      let before = START;
      for (const [tick, { passesMs, happenings }] of steps.entries()) {
        const asOf = before + passesMs;
        const changed = await history.take(happenings, asOf);
        await Promise.all(
          builds.map(async ({ each, build }) => {
            const result = await computeStep(store, {
              build,
              time: { afterMs: before, untilMs: asOf },
              changed,
              suspects: [],
              limit: 1_000,
              compile: (within) => compileAt(each, asOf, within),
            });
            if (!result) throw new Error('There are not so many users.');
            await store.apply(build, tick + 1, result.rows);
            totals.looked += result.looked;
            totals.unlooked += USERS - result.looked;
            totals.compared++;
            for (const { isEntry } of result.changes) totals[isEntry ? 'entered' : 'exited']++;
            totals.byTimeAlone += result.changes.filter(({ userId }) => !changed.includes(userId)).length;
            const [found, expected] = [
              await store.page(build, 0, 100),
              history.membersOf(each, asOf, timeZone),
            ];
            if (JSON.stringify(found) !== JSON.stringify(expected)) {
              throw new Error(
                `${JSON.stringify(each.where)} at ${new Date(asOf).toISOString()} in ${timeZone}: found ${found}, expected ${expected}\n${JSON.stringify(history.persons)}`,
              );
            }
          }),
        );
        before = asOf;
      }
    });
    // Chance may give histories in which little changes: then there are more of them.
    for (let round = 0; round < MAX_ROUNDS && !isTelling(totals); round++) {
      // Shrinking would repeat whole histories.
      await fc.assert(property, {
        numRuns: HISTORIES,
        interruptAfterTimeLimit: 240_000 / MAX_ROUNDS,
        endOnFailure: true,
      });
    }
    // Else the test would prove nothing.
    expect(isTelling(totals)).toBe(true);
    expect(totals.looked).toBeLessThan(totals.unlooked);
  }, 300_000);
});

function isTelling({
  entered,
  exited,
  byTimeAlone,
}: {
  entered: number;
  exited: number;
  byTimeAlone: number;
}): boolean {
  return entered > 5 && exited > 5 && byTimeAlone > 3;
}
