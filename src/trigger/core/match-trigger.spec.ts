import { describe, expect, it } from '@jest/globals';
import type { TrackedRecord } from '../../kernel/event.js';
import type { JsonObject } from '../../kernel/json.js';
import { type MatchInput, type MatchState, matchTriggers } from './match-trigger.js';
import { HOUR_MS, type TriggerRule, type TriggerVersion } from './rule.js';
import { RuleIndex } from './rule-index.js';

const NOW = Date.UTC(2026, 0, 10, 12);
const MINUTE = 60_000;

const ACTIONS = [{ type: 'note' }];
const onView: TriggerRule = {
  version: 1,
  on: { event: 'View', where: [] },
  latenessHours: 24,
  actions: ACTIONS,
};
const viewNoPay: TriggerRule = {
  ...onView,
  unless: { event: 'Pay', where: [], within: { minutes: 30 } },
};
const viewNoPayOfIt: TriggerRule = {
  ...onView,
  unless: { event: 'Pay', where: [], within: { minutes: 30 }, sameProperty: 'product' },
};

function aTrigger(rule: TriggerRule, changes: Partial<TriggerVersion> = {}): TriggerVersion {
  return {
    triggerId: 'trg_1',
    version: 1,
    projectId: 1,
    name: 'Come back',
    rule,
    isCurrent: true,
    ...changes,
  };
}

interface Step {
  event: string;
  id?: string;
  atMin?: number;
  user?: number;
  properties?: JsonObject;
  /** How long before its receipt it happened. */
  ageMs?: number;
  isResumed?: true;
}

function records(steps: readonly Step[]): TrackedRecord[] {
  return steps.map(({ event, id, atMin = 0, user = 7, properties = {}, ageMs = 0, isResumed }, i) => {
    const receivedAt = NOW + atMin * MINUTE;
    return {
      eventId: id ?? `e${i}`,
      projectId: 1,
      type: 'track',
      event,
      distinctId: `device-${user}`,
      identities: {},
      originalId: null,
      time: receivedAt - ageMs,
      clientTime: receivedAt - ageMs,
      receivedAt,
      source: 'test/1',
      properties,
      userId: user,
      ...(isResumed ? { isResumed } : {}),
    };
  });
}

function match(
  trigger: TriggerVersion | TriggerVersion[],
  steps: readonly Step[],
  more: Partial<MatchState & Pick<MatchInput, 'nowMs'>> = {},
) {
  return matchTriggers({
    index: new RuleIndex([trigger].flat()),
    records: records(steps),
    timers: [],
    lastFiredAt: new Map(),
    decided: [],
    nowMs: NOW,
    ...more,
  });
}

function trace(...input: Parameters<typeof match>): string[] {
  return match(...input).decisions.map(({ eventId, outcome, reason }) =>
    [eventId, outcome, reason].filter(Boolean).join(' '),
  );
}

const waitingTimer = {
  triggerId: 'trg_1',
  triggerVersion: 1,
  userId: 7,
  eventId: 'old',
  correlation: '',
  dueAt: NOW + 10 * MINUTE,
};

describe('a trigger on one event', () => {
  it.each<[string, TriggerRule, Step[], string[]]>([
    ['fires', onView, [{ event: 'View' }], ['e0 fired']],
    ['is silent about other events', onView, [{ event: 'Pay' }], []],
    [
      'tells that its condition was not met, once per user and batch',
      { ...onView, on: { event: 'View', where: [{ property: 'price', op: 'at_least', value: 10 }] } },
      [
        { event: 'View', properties: { price: 5 } },
        { event: 'View', properties: { price: 6 } },
        { event: 'View', properties: { price: 7 }, user: 8 },
        { event: 'View', properties: { price: 10 } },
      ],
      ['e0 not_fired filter_not_met', 'e2 not_fired filter_not_met', 'e3 fired'],
    ],
    ['fires for every event', onView, [{ event: 'View' }, { event: 'View' }], ['e0 fired', 'e1 fired']],
    [
      'fires once per user within its cooldown',
      { ...onView, cooldown: { hours: 1 } },
      [{ event: 'View' }, { event: 'View' }, { event: 'View', user: 8 }],
      ['e0 fired', 'e1 not_fired cooldown', 'e2 fired'],
    ],
    [
      'does not fire for an event that is older than its lateness allows',
      onView,
      [
        { event: 'View', ageMs: 24 * HOUR_MS },
        { event: 'View', ageMs: 24 * HOUR_MS + 1 },
      ],
      ['e0 fired', 'e1 not_fired too_late'],
    ],
    [
      'takes a client clock that is ahead for the time of receipt',
      onView,
      [{ event: 'View', ageMs: -HOUR_MS }],
      ['e0 fired'],
    ],
  ])('%s', (_, rule, steps, expected) => {
    expect(trace(aTrigger(rule), steps)).toEqual(expected);
  });

  it('fires again when the cooldown since the last firing is over, to the millisecond', () => {
    const trigger = aTrigger({ ...onView, cooldown: { hours: 1 } });
    const firedAgo = (ms: number) =>
      trace(trigger, [{ event: 'View' }], { lastFiredAt: new Map([['trg_1 7', NOW - ms]]) });
    expect(firedAgo(HOUR_MS - 1)).toEqual(['e0 not_fired cooldown']);
    expect(firedAgo(HOUR_MS)).toEqual(['e0 fired']);
  });

  it('does not fire when it is paused or an older version', () => {
    expect(trace(aTrigger(onView, { isCurrent: false }), [{ event: 'View' }])).toEqual([]);
  });
});

describe('A and then not B', () => {
  it.each<[string, TriggerRule, Step[], string[]]>([
    ['waits after A', viewNoPay, [{ event: 'View' }], ['e0 waiting']],
    [
      'is cancelled by B in the same batch',
      viewNoPay,
      [{ event: 'View' }, { event: 'Pay', atMin: 1 }],
      ['e0 waiting', 'e0 cancelled followed_by_event'],
    ],
    [
      'is not cancelled by a B that came before A',
      viewNoPay,
      [{ event: 'Pay' }, { event: 'View', atMin: 1 }],
      ['e1 waiting'],
    ],
    [
      'is not cancelled by the B of another user',
      viewNoPay,
      [{ event: 'View' }, { event: 'Pay', user: 8 }],
      ['e0 waiting'],
    ],
    [
      'counts the first of several As',
      viewNoPay,
      [{ event: 'View' }, { event: 'View', atMin: 1 }],
      ['e0 waiting', 'e1 not_fired already_waiting'],
    ],
    [
      'waits anew for an A after B',
      viewNoPay,
      [{ event: 'View' }, { event: 'Pay' }, { event: 'View' }],
      ['e0 waiting', 'e0 cancelled followed_by_event', 'e2 waiting'],
    ],
    [
      'is cancelled by a B up to the end of the wait, the end not included',
      viewNoPay,
      [
        { event: 'View' },
        { event: 'Pay', atMin: 30 },
        { event: 'View', user: 8 },
        { event: 'Pay', user: 8, atMin: 29.999 },
      ],
      ['e0 waiting', 'e2 waiting', 'e2 cancelled followed_by_event'],
    ],
    [
      'waits anew for an A after the end of the first wait',
      viewNoPay,
      [{ event: 'View' }, { event: 'View', atMin: 30 }],
      ['e0 waiting', 'e1 waiting'],
    ],
    [
      'compares the property that both must share',
      viewNoPayOfIt,
      [
        { event: 'View', properties: { product: 'p1' } },
        { event: 'View', properties: { product: 'p2' } },
        { event: 'Pay', properties: { product: 'p2' } },
        { event: 'View', properties: { product: 'p1' } },
      ],
      ['e0 waiting', 'e1 waiting', 'e1 cancelled followed_by_event', 'e3 not_fired already_waiting'],
    ],
    [
      'heeds the conditions on B',
      {
        ...onView,
        unless: {
          event: 'Pay',
          where: [{ property: 'ok', op: 'equals', value: true }],
          within: { minutes: 30 },
        },
      },
      [
        { event: 'View' },
        { event: 'Pay', properties: { ok: false } },
        { event: 'Pay', properties: { ok: true } },
      ],
      ['e0 waiting', 'e0 cancelled followed_by_event'],
    ],
    [
      'begins anew with each A where B is A itself',
      { ...onView, unless: { event: 'View', where: [], within: { minutes: 30 } } },
      [{ event: 'View' }, { event: 'View', atMin: 1 }],
      ['e0 waiting', 'e0 cancelled followed_by_event', 'e1 waiting'],
    ],
    [
      'opens no wait for an event that came later than the wait is long, and an hour',
      viewNoPay,
      [
        { event: 'View', ageMs: 90 * MINUTE },
        { event: 'View', user: 8, ageMs: 90 * MINUTE + 1 },
      ],
      ['e0 waiting', 'e1 not_fired too_late'],
    ],
    [
      'opens no wait that would end within the cooldown of one that is about to fire',
      { ...viewNoPay, cooldown: { hours: 1 } },
      [{ event: 'View' }, { event: 'View', atMin: 29 }, { event: 'View', atMin: 30 }],
      ['e0 waiting', 'e1 not_fired already_waiting', 'e2 not_fired cooldown'],
    ],
  ])('%s', (_, rule, steps, expected) => {
    // Evaluated when the last event came: the cooldown looks at the moment of firing.
    const nowMs = NOW + Math.max(...steps.map(({ atMin = 0 }) => atMin)) * MINUTE;
    expect(trace(aTrigger(rule), steps, { nowMs })).toEqual(expected);
  });

  it('counts the wait from the receipt of A, whatever its own time', () => {
    const { opened } = match(aTrigger(viewNoPay), [{ event: 'View', ageMs: 20 * MINUTE }]);
    expect(opened).toMatchObject([{ openedAt: NOW, dueAt: NOW + 30 * MINUTE, state: 'waiting' }]);
  });

  it('cancels a timer of an earlier batch, and names the event that did', () => {
    const result = match(aTrigger(viewNoPay), [{ event: 'Pay', id: 'paid' }], { timers: [waitingTimer] });
    expect(result.cancelled).toEqual([waitingTimer]);
    expect(result.decisions).toMatchObject([
      { eventId: 'old', outcome: 'cancelled', causedByEventId: 'paid' },
    ]);
  });

  it('keeps a running timer to the version that opened it', () => {
    const paused = aTrigger(viewNoPay, { isCurrent: false });
    const newer = aTrigger(
      { ...viewNoPay, unless: { event: 'Buy', where: [], within: { minutes: 30 } } },
      { version: 2 },
    );
    const by = (event: string) =>
      match([paused, newer], [{ event }], { timers: [waitingTimer] }).cancelled.length;
    expect([by('Pay'), by('Buy')]).toEqual([1, 0]);
  });

  it('marks a timer whose time was up before the next A as due', () => {
    const timers = [{ ...waitingTimer, dueAt: NOW - 1 }];
    const result = match(aTrigger(viewNoPay), [{ event: 'Pay' }, { event: 'View' }], { timers });
    expect(result.elapsed).toEqual(timers);
    expect(result.cancelled).toEqual([]);
    expect(result.opened).toHaveLength(1);
  });
});

describe('a batch that is matched again', () => {
  const steps: Step[] = [{ event: 'Pay' }, { event: 'View' }, { event: 'View' }];

  it('fires the same, though the cooldown has begun', () => {
    const trigger = aTrigger({ ...onView, cooldown: { hours: 1 } });
    const first = match(trigger, steps);
    const again = match(trigger, steps, {
      decided: first.decisions,
      lastFiredAt: new Map([['trg_1 7', NOW]]),
      nowMs: NOW + 5_000,
    });
    expect(again.firings).toEqual(first.firings);
    expect(again.decisions).toEqual([]);
  });

  it('opens no further timer, and a B before A does not cancel the one it opened', () => {
    const trigger = aTrigger(viewNoPay);
    const first = match(trigger, steps);
    const again = match(trigger, steps, { decided: first.decisions, timers: first.opened.map(toWaiting) });
    expect(again).toEqual({ decisions: [], opened: [], cancelled: [], elapsed: [], firings: [] });
  });

  it('leaves another project alone that got the same record', () => {
    const elsewhere = aTrigger(onView, { triggerId: 'trg_2', projectId: 2 });
    const decided = [
      { triggerId: 'trg_2', triggerVersion: 1, userId: 99, eventId: 'e0', outcome: 'fired' as const },
    ];
    expect(match([aTrigger(onView), elsewhere], [{ event: 'View' }], { decided }).firings).toMatchObject([
      { userId: 7 },
    ]);
  });
});

function toWaiting({ triggerId, triggerVersion, userId, eventId, correlation, dueAt }: typeof waitingTimer) {
  return { triggerId, triggerVersion, userId, eventId, correlation, dueAt };
}

describe('an event that is resumed', () => {
  const resumed = (event: string, atMin = 0): Step => ({ event, atMin, isResumed: true });

  it.each<[string, TriggerRule, Step[], string[]]>([
    ['fires like any other', onView, [resumed('View')], ['e0 fired']],
    ['opens no wait', viewNoPay, [resumed('View')], ['e0 not_fired too_late']],
  ])('%s', (_, rule, steps, expected) => {
    expect(trace(aTrigger(rule), steps)).toEqual(expected);
  });

  it.each([
    ['ends a wait that began before it was received', -19, ['old cancelled followed_by_event']],
    ['ends no wait that began behind it', -21, []],
  ])('%s', (_, atMin, expected) => {
    expect(trace(aTrigger(viewNoPay), [resumed('Pay', atMin)], { timers: [waitingTimer] })).toEqual(expected);
  });
});
