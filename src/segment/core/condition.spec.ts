import { z } from 'zod';
import { groupOf, SEGMENT_DEFINITION } from './condition.js';

const paid = { event: 'pay', window: { last: { days: 30 } }, compare: { op: 'at_least', value: 2 } };

function problemsOf(where: unknown): string[] {
  const parsed = SEGMENT_DEFINITION.safeParse({ version: 1, where });
  return (parsed.error?.issues ?? []).map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
    return `/${[...issue.path, ...keys].map(String).join('/')}`;
  });
}

function nested(levels: number): unknown {
  return levels === 1 ? paid : { all: [nested(levels - 1)] };
}

describe('The segment language', () => {
  it.each([
    ['a count of events', paid],
    ['an absence', { ...paid, compare: { op: 'at_most', value: 0 } }],
    ['any event of the user', { ...paid, event: '*' }],
    [
      'filters on event properties',
      { ...paid, where: [{ property: 'city', op: 'in', values: ['a', 5, true] }] },
    ],
    [
      'a sum',
      { ...paid, measure: { fn: 'sum', property: 'amount' }, compare: { op: 'more_than', value: 99.5 } },
    ],
    ['an absolute window', { ...paid, window: { from: '2026-01-01', to: '2026-02-01T08:00:00+08:00' } }],
    ['the whole history', { ...paid, window: 'all_time' }],
    ['a profile property', { profile: { property: 'city', op: 'is_set' } }],
    ['a calendar window', { ...paid, window: { calendar: { weeks: 2 }, complete: true } }],
    ['a window since a property', { ...paid, window: { since: 'trial_started_at', first: { days: 7 } } }],
    ['an age', { ...paid, measure: { fn: 'last_time' }, compare: { op: 'at_least', ago: { days: 7 } } }],
    ['a moment', { ...paid, measure: { fn: 'first_time' }, compare: { op: 'before', moment: '2026-01-01' } }],
    ['active days', { ...paid, measure: { fn: 'active_days' } }],
    [
      'a sequence',
      {
        sequence: [{ event: 'a' }, { event: 'b', without: [{ event: 'c' }] }],
        within: { days: 1 },
        window: 'all_time',
      },
    ],
    ['an end', { stopped: { event: 'pay', atLeast: 3, during: { days: 30 }, silentFor: { days: 14 } } }],
    ['a return', { resumed: { event: 'pay', silentFor: { days: 30 }, during: { days: 7 } } }],
    ['a share', { bucket: { salt: 'x', from: 0, to: 12.5 } }],
    ['an anniversary', { anniversary: { property: 'birthday', from: -3 } }],
    ['an uploaded list', { list: `lst_${'0'.repeat(26)}` }],
    ['nested groups', { any: [paid, { none: [paid, { all: [paid] }] }] }],
    ['ten levels', nested(10)],
    ['a hundred nodes', { all: Array.from({ length: 99 }, () => paid) }],
  ])('takes %s', (_, where) => {
    expect(problemsOf(where)).toEqual([]);
  });

  it.each([
    ['no kind of condition', {}, ['/where']],
    ['a list by its name', { list: 'fair' }, ['/where/list']],
    ['two kinds at once', { all: [paid], any: [paid] }, ['/where']],
    ['an empty group', { all: [] }, ['/where/all']],
    ['a wrong field deep inside', { all: [paid, { any: [{ ...paid, op: 1 }] }] }, ['/where/all/1/any/0/op']],
    [
      'several wrong fields at once',
      {
        all: [
          { ...paid, event: '' },
          { ...paid, window: 'ever' },
        ],
      },
      ['/where/all/0/event', '/where/all/1/window'],
    ],
    ['a name alone', { event: 'a' }, ['/where/window', '/where/compare']],
    ['a comparison that is a text', { ...paid, compare: 'x' }, ['/where/compare']],
    ['a window of two units', { ...paid, window: { last: { days: 1, hours: 1 } } }, ['/where/window/last']],
    ['a window of nothing', { ...paid, window: { last: { days: 0 } } }, ['/where/window/last/days']],
    ['a window without its end', { ...paid, window: { from: '2026-01-01' } }, ['/where/window/to']],
    [
      'a day that does not exist',
      { ...paid, window: { from: '2026-02-30', to: '2026-03-01' } },
      ['/where/window/from'],
    ],
    [
      'a time without its offset',
      { ...paid, window: { from: '2026-02-03T00:00:00', to: '2026-03-01' } },
      ['/where/window/from'],
    ],
    ['a sum of nothing named', { ...paid, measure: { fn: 'sum' } }, ['/where/measure/property']],
    ['half a payment', { ...paid, compare: { op: 'at_least', value: 1.5 } }, ['/where/compare/value']],
    [
      'a name that could be SQL',
      { ...paid, where: [{ property: 'a`b', op: 'is_set' }] },
      ['/where/where/0/property'],
    ],
    ['a time compared with a number', { ...paid, measure: { fn: 'last_time' } }, ['/where/compare']],
    [
      'a number compared with an age',
      { ...paid, compare: { op: 'at_least', ago: { days: 1 } } },
      ['/where/compare'],
    ],
    [
      'half an active day',
      { ...paid, measure: { fn: 'active_days' }, compare: { op: 'at_least', value: 0.5 } },
      ['/where/compare/value'],
    ],
    [
      'a sequence of one step',
      { sequence: [{ event: 'a' }], within: { days: 1 }, window: 'all_time' },
      ['/where/sequence'],
    ],
    [
      'a first step that something comes before',
      {
        sequence: [{ event: 'a', without: [{ event: 'c' }] }, { event: 'b' }],
        within: { days: 1 },
        window: 'all_time',
      },
      ['/where/sequence/0/without'],
    ],
    [
      'a sequence without its time',
      { sequence: [{ event: 'a' }, { event: 'b' }], window: 'all_time' },
      ['/where/within'],
    ],
    ['a share of nobody', { bucket: { salt: 'x', from: 10, to: 10 } }, ['/where/bucket/to']],
    ['more than everyone', { bucket: { salt: 'x', from: 0, to: 101 } }, ['/where/bucket/to']],
    [
      'an anniversary that ends before it begins',
      { anniversary: { property: 'birthday', from: 3 } },
      ['/where/anniversary/to'],
    ],
    ['an unknown operator', { profile: { property: 'a', op: 'like', value: 'x' } }, ['/where/profile/op']],
    ['a text that cannot be stored', { ...paid, event: 'a\0b' }, ['/where/event']],
    ['eleven levels', nested(11), ['/where']],
    ['more than a hundred nodes', { all: Array.from({ length: 100 }, () => paid) }, ['/where']],
    ['a flood of levels', nested(20_000 / 4), ['/where']],
    [
      'too much text',
      {
        ...paid,
        where: [
          { property: 'a', op: 'in', values: Array.from({ length: 60 }, (_, i) => `${i}`.padEnd(1000)) },
        ],
      },
      ['/where'],
    ],
  ])('refuses %s and says where it stands', (_, where, pointers) => {
    expect(problemsOf(where)).toEqual(pointers);
  });

  it('refuses another version of the language', () => {
    expect(SEGMENT_DEFINITION.safeParse({ version: 2, where: paid }).success).toBe(false);
  });

  it('gives back what was written, field for field', () => {
    const definition = { version: 1, where: { any: [paid, { none: [paid] }] } };
    expect(SEGMENT_DEFINITION.parse(definition)).toEqual(definition);
    expect(groupOf(SEGMENT_DEFINITION.parse(definition).where)?.children).toHaveLength(2);
  });

  it('can be described as JSON Schema', () => {
    expect(z.toJSONSchema(SEGMENT_DEFINITION)).toMatchObject({ required: ['version', 'where'] });
  });
});
