import type { JsonObject } from '../../kernel/json.js';
import { SEGMENT_DEFINITION } from './condition.js';
import { evaluateSegment } from './evaluate-segment.js';

const ASOF = Date.parse('2026-03-10T12:00:00Z');
const DAY_MS = 86_400_000;

function isMember(
  where: unknown,
  events: [string, number, JsonObject?][],
  profile: JsonObject = {},
): boolean {
  const definition = SEGMENT_DEFINITION.parse({ version: 1, where });
  const history = events.map(([event, daysAgo, properties = {}]) => ({
    event,
    time: ASOF - daysAgo * DAY_MS,
    properties,
  }));
  return evaluateSegment(
    definition,
    { userId: 1, events: history, profile },
    { asOf: ASOF, timeZone: 'UTC' },
  );
}

const count = (event: string, days: number, op: string, value: number) => ({
  event,
  window: { last: { days } },
  compare: { op, value },
});
const amount = (fn: string, op: string, value: number) => ({
  ...count('pay', 30, op, value),
  measure: { fn, property: 'amount' },
});
const equals = (value: unknown) => ({ profile: { property: 'x', op: 'equals', value } });

describe('A segment', () => {
  it.each<[string, unknown, [string, number, JsonObject?][], boolean]>([
    [
      'paid twice in 30 days',
      count('pay', 30, 'at_least', 2),
      [
        ['pay', 1],
        ['pay', 29],
      ],
      true,
    ],
    [
      'a payment that is too old does not count',
      count('pay', 30, 'at_least', 2),
      [
        ['pay', 1],
        ['pay', 30],
      ],
      false,
    ],
    ['an absence holds for a user without events', count('pay', 30, 'at_most', 0), [], true],
    ['a message that was sent is no sign of life', count('*', 7, 'at_most', 0), [['$MessageSent', 1]], true],
    ['any other event is', count('*', 7, 'at_most', 0), [['view', 1]], false],
    ['the sum of nothing is 0', amount('sum', 'at_most', 0), [], true],
    [
      'text is not summed',
      amount('sum', 'equals', 5),
      [
        ['pay', 1, { amount: 5 }],
        ['pay', 1, { amount: '7' }],
      ],
      true,
    ],
    ['the average of nothing meets no comparison', amount('avg', 'less_than', 10), [], false],
    ['not even the opposite one', amount('avg', 'at_least', 10), [], false],
    ['but "none of" holds then', { none: [amount('avg', 'less_than', 10)] }, [], true],
    [
      '5 and "5" are two different values',
      amount('distinct', 'equals', 2),
      [
        ['pay', 1, { amount: 5 }],
        ['pay', 1, { amount: '5' }],
        ['pay', 1, { amount: 5 }],
        ['pay', 1, { amount: [5] }],
      ],
      true,
    ],
  ])('%s', (_, where, events, expected) => {
    expect(isMember(where, events)).toBe(expected);
  });

  it.each<[string, unknown, JsonObject, boolean]>([
    ['the text "5" is not the number 5', equals(5), { x: '5' }, false],
    ['the text "true" is not true', equals(true), { x: 'true' }, false],
    ['true is not 1', equals(1), { x: true }, false],
    ['a list equals nothing', equals('a'), { x: ['a'] }, false],
    ['an absent property differs from everything', { none: [equals('a')] }, {}, true],
    ['null counts as absent', { profile: { property: 'x', op: 'is_not_set' } }, { x: null }, true],
    ['an object counts as absent', { profile: { property: 'x', op: 'is_not_set' } }, { x: { y: 1 } }, true],
    ['a list is set', { profile: { property: 'x', op: 'is_set' } }, { x: [] }, true],
    ['nothing is inherited', { profile: { property: 'constructor', op: 'is_set' } }, {}, false],
  ])('%s', (_, where, profile, expected) => {
    expect(isMember(where, [], profile)).toBe(expected);
  });
});
