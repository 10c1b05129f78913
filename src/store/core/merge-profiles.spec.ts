import type { JsonObject } from '../../kernel/json.js';
import { mergeProfiles, previewMergedProfile, splitProfile } from './merge-profiles.js';

describe('a merged profile', () => {
  it('fills gaps with what the absorbed person had', () => {
    expect(mergeProfiles({ a: 1 }, { a: 2, b: 3 })).toEqual({ a: 1, b: 3 });
  });

  it('shows which values would be lost, and whose they are', () => {
    const preview = previewMergedProfile([
      { userId: 1, properties: { city: 'Ghent' } },
      { userId: 2, properties: { city: 'Bruges', visits: 3 } },
      { userId: 3, properties: { city: 'Ghent', visits: 4 } },
    ]);
    expect(preview).toEqual({
      properties: { city: 'Ghent', visits: 3 },
      conflicts: [
        {
          property: 'city',
          kept: { userId: 1, value: 'Ghent' },
          lost: [{ userId: 2, value: 'Bruges' }],
        },
        { property: 'visits', kept: { userId: 2, value: 3 }, lost: [{ userId: 3, value: 4 }] },
      ],
    });
  });
});

describe('the profile of a survivor whose merge is undone', () => {
  it.each<[string, JsonObject, JsonObject, JsonObject, JsonObject[], JsonObject]>([
    ['loses what came from the absorbed person', { a: 1, b: 2 }, { a: 1 }, { b: 2 }, [], { a: 1 }],
    ['keeps what it had itself', { a: 1 }, { a: 1 }, { a: 1 }, [], { a: 1 }],
    ['keeps what was changed since', { b: 3 }, {}, { b: 2 }, [], { b: 3 }],
    ['keeps what came since', { b: 2, c: 4 }, {}, { b: 2 }, [], { c: 4 }],
    ['has what a later merge would have brought', { b: 2 }, {}, { b: 2 }, [{ b: 5 }], { b: 5 }],
    [
      'has its own first touch again where the other one was earlier',
      { $first_utm_source: 'b', $first_touch_time: '2026-01-01T00:00:00.000Z' },
      { $first_utm_source: 'a', $first_touch_time: '2026-02-01T00:00:00.000Z' },
      { $first_utm_source: 'b', $first_touch_time: '2026-01-01T00:00:00.000Z' },
      [],
      { $first_utm_source: 'a', $first_touch_time: '2026-02-01T00:00:00.000Z' },
    ],
    ['knows lists by their values', { l: [1, 2] }, {}, { l: [1, 2] }, [], {}],
  ])('%s', (_name, present, into, from, later, expected) => {
    expect(splitProfile(present, { into, from }, later)).toEqual(expected);
  });
});
