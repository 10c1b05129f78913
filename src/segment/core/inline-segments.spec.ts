import type { Condition } from './condition.js';
import { inlineSegments, ReferenceRefusal, referencesOf } from './inline-segments.js';

const paid: Condition = { event: 'pay', window: 'all_time', compare: { op: 'at_least', value: 1 } };

function refusal(where: Condition, known: Record<string, Condition>, self: string | null = null) {
  try {
    inlineSegments(where, new Map(Object.entries(known)), self);
  } catch (error) {
    if (error instanceof ReferenceRefusal) return [error.code, error.pointer, error.message];
  }
  return null;
}

describe('References to other segments', () => {
  it('are found where they stand', () => {
    expect(referencesOf({ all: [paid, { none: [{ segment: 'seg_a' }] }] })).toEqual([
      { segment: 'seg_a', pointer: '/all/1/none/0/segment' },
    ]);
  });

  it('get the definition they lead to, through several of them', () => {
    const known = new Map<string, Condition>([
      ['seg_a', { any: [{ segment: 'seg_b' }, paid] }],
      ['seg_b', paid],
    ]);
    expect(inlineSegments({ none: [{ segment: 'seg_a' }] }, known, null)).toEqual({
      none: [{ segment: 'seg_a', is: { any: [{ segment: 'seg_b', is: paid }, paid] } }],
    });
  });

  it('may lead to the same segment twice', () => {
    const both: Condition = { all: [{ segment: 'seg_a' }, { segment: 'seg_a' }] };
    expect(refusal(both, { seg_a: paid })).toBeNull();
  });

  it('are refused in a circle, with the way round', () => {
    const known = { seg_a: { segment: 'seg_b' }, seg_b: { all: [{ segment: 'seg_a' }] } };
    expect(refusal({ all: [paid, { segment: 'seg_a' }] }, known)).toEqual([
      'circular_reference',
      '/all/1/segment',
      'The segments refer to each other in a circle: seg_a → seg_b → seg_a.',
    ]);
  });

  it('are refused to the segment itself', () => {
    expect(refusal({ segment: 'seg_a' }, { seg_a: paid }, 'seg_a')?.[0]).toBe('circular_reference');
  });

  it('are refused where they lead nowhere', () => {
    expect(refusal({ segment: 'seg_x' }, {})?.slice(0, 2)).toEqual(['unknown_segment', '/segment']);
  });

  it('are refused in too long a row', () => {
    const row = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`seg_${index}`, { segment: `seg_${index + 1}` }]),
    );
    expect(refusal({ segment: 'seg_0' }, row)?.[0]).toBe('too_many_references');
  });

  it('are refused where they multiply', () => {
    const many = (id: string): Condition => ({ all: Array.from({ length: 90 }, () => ({ segment: id })) });
    expect(refusal(many('seg_a'), { seg_a: many('seg_b'), seg_b: many('seg_c'), seg_c: paid })?.[0]).toBe(
      'too_many_references',
    );
  });
});
