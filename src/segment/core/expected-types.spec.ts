import type { Condition } from './condition.js';
import { findEmptyWindows } from './empty-windows.js';
import { expectedTypes } from './expected-types.js';
import { propertyPointers } from './property-pointers.js';

const WINDOW = 'all_time' as const;
const COMPARE = { op: 'at_least', value: 1 } as const;

function typesIn(where: Condition) {
  return propertyPointers(where, '/definition/where').map(({ property, pointer }) => [
    property,
    expectedTypes({ version: 1, where }, pointer),
  ]);
}

describe('the types that a condition can match', () => {
  it.each([
    [{ property: 'p', op: 'contains', value: 'x' }, ['text']],
    [{ property: 'p', op: 'at_least', value: 1 }, ['number']],
    [{ property: 'p', op: 'equals', value: true }, ['boolean']],
    [{ property: 'p', op: 'in', values: ['a', 1, 'b'] }, ['text', 'number']],
    [{ property: 'p', op: 'not_equals', value: 1 }, null],
    [{ property: 'p', op: 'is_set' }, null],
  ] as const)('are, for %j, %j', (filter, types) => {
    const profile = { profile: filter } as Condition;
    expect(typesIn({ any: [profile] })).toEqual([['p', types]]);
  });

  it('are found wherever a property is named', () => {
    const where: Condition = {
      all: [
        { event: 'a', window: WINDOW, measure: { fn: 'sum', property: 's' }, compare: COMPARE },
        {
          sequence: [{ event: 'a' }, { event: 'b', where: [{ property: 't', op: 'ends_with', value: 'x' }] }],
          within: { days: 1 },
          window: { since: 'born' },
        },
      ],
    };
    expect(typesIn(where)).toEqual([
      ['s', ['number']],
      ['t', ['text']],
      ['born', null],
    ]);
  });
});

describe('windows that hold nothing', () => {
  const at = { asOf: Date.UTC(2026, 5, 1), timeZone: 'UTC' };
  const findIn = (window: { from: string; to: string }) =>
    findEmptyWindows({ version: 1, where: { none: [{ event: 'a', window, compare: COMPARE }] } }, at).map(
      ({ pointer, code }) => [pointer, code],
    );

  it('are told apart: not yet begun, and ended before they begin', () => {
    const window = '/definition/where/none/0/window';
    expect(findIn({ from: '2026-05-31', to: '2030-01-01' })).toEqual([]);
    expect(findIn({ from: '2026-06-02', to: '2030-01-01' })).toEqual([
      [`${window}/from`, 'window_in_future'],
    ]);
    expect(findIn({ from: '2026-03-01', to: '2026-03-01' })).toEqual([[`${window}/to`, 'window_empty']]);
  });

  it('and moments that have not come', () => {
    const compare = { op: 'since', moment: '2027-01-01' } as const;
    const where: Condition = { event: 'a', window: WINDOW, measure: { fn: 'last_time' }, compare };
    expect(findEmptyWindows({ version: 1, where }, at)).toMatchObject([
      { pointer: '/definition/where/compare/moment', code: 'window_in_future' },
    ]);
  });
});
