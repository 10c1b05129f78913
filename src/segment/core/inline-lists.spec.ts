import type { Condition } from './condition.js';
import { inlineLists, listsOf } from './inline-lists.js';
import { ReferenceRefusal } from './inline-segments.js';

const paid: Condition = { event: 'pay', window: 'all_time', compare: { op: 'at_least', value: 1 } };
const known = new Map([['lst_a', [1, 3]]]);

function refusal(where: Condition) {
  try {
    inlineLists(where, known);
  } catch (error) {
    if (error instanceof ReferenceRefusal) return [error.code, error.pointer];
  }
  return null;
}

describe('Conditions on lists', () => {
  it('get the uploads that a list is made of, also in another segment', () => {
    const where: Condition = { all: [paid, { segment: 'seg_a', is: { none: [{ list: 'lst_a' }] } }] };
    expect(listsOf({ any: [where, { list: 'lst_a' }] })).toEqual(['lst_a']);
    expect(inlineLists(where, known)).toEqual({
      all: [paid, { segment: 'seg_a', is: { none: [{ list: 'lst_a', uploads: [1, 3] }] } }],
    });
  });

  it('are refused where there is no such list, with the place', () => {
    expect(refusal({ any: [paid, { list: 'lst_b' }] })).toEqual(['unknown_list', '/any/1/list']);
    expect(refusal({ none: [{ segment: 'seg_a', is: { list: 'lst_b' } }] })).toEqual([
      'unknown_list',
      '/none/0/segment',
    ]);
  });
});
