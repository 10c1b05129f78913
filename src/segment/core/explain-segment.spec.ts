import type { JsonObject } from '../../kernel/json.js';
import { SEGMENT_DEFINITION } from './condition.js';
import { explainSegment } from './explain-segment.js';
import { findChanges } from './find-changes.js';

const ASOF = Date.parse('2026-03-10T12:00:00Z');
const DAY_MS = 86_400_000;
const at = { asOf: ASOF, timeZone: 'UTC' };

type Past = [string, number, JsonObject?][];

function toHistory(events: Past, profile: JsonObject) {
  const known = events.map(([event, daysAgo, properties = {}], index) => ({
    eventId: `e${index}`,
    event,
    time: ASOF - daysAgo * DAY_MS,
    properties,
  }));
  return { userId: 1, events: known, profile };
}

function changesOf(where: unknown, events: Past, profile: JsonObject = {}) {
  return findChanges(SEGMENT_DEFINITION.parse({ version: 1, where }), toHistory(events, profile), at);
}

const paid = (op: string, value: number) => ({
  event: 'pay',
  window: { last: { days: 30 } },
  compare: { op, value },
});
const daysOn = (days: number) => ASOF + days * DAY_MS;

describe('An explanation', () => {
  it('says of every condition what was measured, against what, over which events', () => {
    const where = {
      all: [paid('at_least', 2), { none: [{ profile: { property: 'vip', op: 'equals', value: true } }] }],
    };
    const history = toHistory(
      [
        ['pay', 1],
        ['pay', 40],
      ],
      {},
    );
    const explained = explainSegment(SEGMENT_DEFINITION.parse({ version: 1, where }), history, at);
    expect(explained).toMatchObject({
      kind: 'all',
      holds: false,
      children: [
        {
          pointer: '/all/0',
          holds: false,
          actual: 1,
          threshold: { op: 'at_least', value: 2 },
          eventCount: 1,
          firstEvents: [{ eventId: 'e0' }],
        },
        { pointer: '/all/1', holds: true, children: [{ pointer: '/all/1/none/0', holds: false }] },
      ],
    });
  });
});

describe('The smallest change', () => {
  it.each<[string, unknown, Past, JsonObject, unknown]>([
    ['one more payment', paid('at_least', 2), [['pay', 1]], {}, { kind: 'events', event: 'pay', count: 1 }],
    ['three more', paid('more_than', 3), [['pay', 1]], {}, { kind: 'events', count: 3 }],
    [
      'the moment at which a payment is too old',
      paid('at_most', 0),
      [['pay', 1]],
      {},
      { kind: 'wait', until: daysOn(29) },
    ],
    ['one more, which ends an absence', paid('at_most', 0), [], {}, { kind: 'events', count: 1 }],
    [
      'a payment of what is missing',
      { ...paid('at_least', 100), measure: { fn: 'sum', property: 'amount' } },
      [['pay', 1, { amount: 60 }]],
      {},
      { kind: 'events', count: 1, properties: { amount: 40 } },
    ],
    [
      'an event that meets the filters',
      { ...paid('at_least', 1), where: [{ property: 'method', op: 'in', values: ['card', 'wallet'] }] },
      [],
      {},
      { kind: 'events', properties: { method: 'card' } },
    ],
    [
      'another city',
      { profile: { property: 'city', op: 'equals', value: 'Shenzhen' } },
      [],
      { city: 'Beijing' },
      { kind: 'profile', property: 'city', value: 'Shenzhen' },
    ],
    [
      'the moment at which the last payment is a week old',
      { ...paid('at_least', 1), measure: { fn: 'last_time' }, compare: { op: 'at_least', ago: { days: 7 } } },
      [['pay', 2]],
      {},
      { kind: 'wait', until: daysOn(5) },
    ],
    [
      'the steps of a sequence',
      { sequence: [{ event: 'view' }, { event: 'pay' }], within: { days: 1 }, window: 'all_time' },
      [],
      {},
      { kind: 'sequence', events: ['view', 'pay'] },
    ],
  ])('is %s', (_, where, events, profile, expected) => {
    expect(changesOf(where, events, profile)[0]).toMatchObject(expected as object);
  });

  it('is to be put on a list, or to be taken off it', () => {
    const list = `lst_${'0'.repeat(26)}`;
    const definition = SEGMENT_DEFINITION.parse({ version: 1, where: { list } });
    const history = toHistory([], {});
    expect(findChanges(definition, history, at)).toEqual([{ kind: 'list', list, isOnList: true }]);
    const onList = { ...history, lists: new Set([list]) };
    expect(findChanges(definition, onList, at)).toEqual([{ kind: 'list', list, isOnList: false }]);
    expect(explainSegment(definition, onList, at)).toMatchObject({
      kind: 'list',
      holds: true,
      condition: { list },
    });
  });

  it('is none where no single change would do', () => {
    const both = { all: [paid('at_least', 1), { profile: { property: 'vip', op: 'equals', value: true } }] };
    expect(changesOf(both, [])).toEqual([]);
  });
});
