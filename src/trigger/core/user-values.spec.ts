import type { ValueFilter } from '../../kernel/value-filter.js';
import { HOUR_MS } from './rule.js';
import { UserValues } from './user-values.js';

const nowMs = Date.UTC(2026, 2, 10);
const feature = (value: number, maxAgeHours?: number): ValueFilter => ({
  feature: { set: 'fst_1', name: 'events_30d', maxAgeHours },
  compare: { op: 'at_least', value },
});
const decile: ValueFilter = { score: { model: 'chm_1', of: 'decile' }, compare: { op: 'equals', value: 9 } };

describe('Values that a rule asks for', () => {
  const values = new UserValues(nowMs);
  values.add({ owner: 'fst_1', userId: 7, asOf: nowMs - 5 * HOUR_MS }, [
    ['events_30d', 3],
    ['spend_30d', null],
  ]);
  values.add({ owner: 'chm_1', userId: 7, asOf: nowMs }, [['decile', 9]]);

  it.each<[string, ValueFilter[], boolean]>([
    ['a value that meets', [feature(3)], true],
    ['one that does not', [feature(4)], false],
    ['a tenth', [decile], true],
    ['two of which one does not', [feature(4), decile], false],
    ['one as old as it may be', [feature(3, 5)], true],
    ['one that is too old', [feature(3, 4)], false],
    [
      'a score that is not there',
      [{ score: { model: 'chm_1' }, compare: { op: 'at_least', value: 0 } }],
      false,
    ],
  ])('are met, or not: %s', (_, filters, isMet) => {
    expect(values.meet(filters, 7)).toBe(isMet);
  });

  it('are met by nobody who has none', () => {
    expect(values.meet([{ ...feature(0), compare: { op: 'at_most', value: 100 } }], 8)).toBe(false);
  });
});
