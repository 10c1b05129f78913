import type { NumberCompare } from '../../kernel/number-compare.js';
import type { Condition } from './condition.js';
import { canHoldWithoutEvents } from './condition-facts.js';
import { eventPointers } from './event-pointers.js';

const pays = (op: NumberCompare['op'], value: number, fn: 'count' | 'sum' | 'avg' = 'count'): Condition => ({
  event: 'pay',
  window: 'all_time',
  measure: fn === 'count' ? { fn } : { fn, property: 'amount' },
  compare: { op, value },
});
const paid = pays('at_least', 1);
const absent = pays('at_most', 0);
const lives: Condition = { profile: { property: 'city', op: 'is_set' } };

describe('canHoldWithoutEvents', () => {
  it.each<[string, Condition, boolean]>([
    ['not where a payment is asked for', paid, false],
    ['where its absence is', absent, true],
    ['where a sum may be 0', pays('less_than', 10, 'sum'), true],
    ['not where an average is asked for, whatever it is compared with', pays('less_than', 10, 'avg'), false],
    ['where the profile alone decides', lives, true],
    ['not where one of all needs an event', { all: [lives, absent, paid] }, false],
    ['where one of any needs none', { any: [paid, lives] }, true],
    ['not where every one of any needs one', { any: [paid, paid] }, false],
    ['where none of those that need one may hold', { none: [paid] }, true],
    ['not where an absence is denied', { none: [absent, lives] }, false],
  ])('%s', (_, condition, expected) => {
    expect(canHoldWithoutEvents(condition)).toBe(expected);
  });
});

describe('eventPointers', () => {
  it('says where every event stands', () => {
    expect(eventPointers({ all: [lives, { none: [paid] }, absent] }, '/where')).toEqual([
      { event: 'pay', pointer: '/where/all/1/none/0/event' },
      { event: 'pay', pointer: '/where/all/2/event' },
    ]);
  });
});
