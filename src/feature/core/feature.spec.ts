import { FEATURE_DEFINITION } from './feature.js';

const count = { event: 'pay', window: { last: { days: 30 } }, measure: { fn: 'count' } };
const parse = (value: unknown) => FEATURE_DEFINITION.safeParse({ version: 1, value });

describe('A feature definition', () => {
  it.each([
    ['a count', count],
    ['several events', { ...count, event: ['pay', 'refund'] }],
    ['an earlier window', { ...count, window: { last: { days: 30 }, endingDaysAgo: 30 } }],
    ['hours over midnight', { ...count, hours: { from: 22, to: 6 } }],
    ['a ratio', { ratio: { of: count, to: count } }],
    ['a fact of the profile', { profile: { property: 'vip', op: 'is_set' } }],
  ])('may be %s', (_, value) => {
    expect(parse(value).error).toBeUndefined();
  });

  it.each([
    ['an unknown measure', { ...count, measure: { fn: 'mode' } }, 'value.measure.fn'],
    ['a sum of nothing', { ...count, measure: { fn: 'sum' } }, 'value.measure.property'],
    [
      'sessions of all time',
      { ...count, window: 'all_time', measure: { fn: 'sessions', stat: 'count' } },
      'value.window',
    ],
    [
      'gaps of half a year',
      { ...count, window: { last: { days: 180 } }, measure: { fn: 'gap', stat: 'mean' } },
      'value.window',
    ],
    [
      'a slope of one day',
      { ...count, window: { last: { days: 1 } }, measure: { fn: 'slope' } },
      'value.window.last.days',
    ],
    ['a weekday that is none', { ...count, weekdays: [8] }, 'value.weekdays.0'],
    ['an unknown field', { ...count, colour: 'red' }, 'value'],
    [
      'a ratio with a bad part',
      { ratio: { of: count, to: { ...count, window: 7 } } },
      'value.ratio.to.window',
    ],
    ['two kinds at once', { ...count, profileNumber: 'age' }, 'value'],
  ])('may not be %s, and the error names the field', (_, value, path) => {
    expect(parse(value).error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});
