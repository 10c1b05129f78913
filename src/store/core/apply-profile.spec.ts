import type { RecordType } from '../../kernel/event.js';
import type { JsonObject } from '../../kernel/json.js';
import { applyProfile, isTooLarge } from './apply-profile.js';

const cases: [string, JsonObject, RecordType, JsonObject, JsonObject][] = [
  ['set overwrites and adds', { a: 1 }, 'profile_set', { a: 2, b: 'x' }, { a: 2, b: 'x' }],
  ['set_once keeps the first value', { a: 1 }, 'profile_set_once', { a: 2, b: 'x' }, { a: 1, b: 'x' }],
  ['increment adds', { n: 1 }, 'profile_increment', { n: 2.5, m: -1 }, { n: 3.5, m: -1 }],
  ['increment stops before infinity', { n: 1e308 }, 'profile_increment', { n: 1e308 }, { n: 1e308 }],
  ['increment takes text for nothing', { n: 'x' }, 'profile_increment', { n: 1 }, { n: 1 }],
  [
    'append keeps the order and no value twice',
    { l: ['a'] },
    'profile_append',
    { l: ['b', 'a', 'c', 'b'] },
    { l: ['a', 'b', 'c'] },
  ],
  ['unset removes', { a: 1, b: 2 }, 'profile_unset', { a: true }, { b: 2 }],
  ['delete removes everything', { a: 1 }, 'profile_delete', {}, {}],
];

describe('applyProfile', () => {
  it.each(cases)('%s', (_, before, type, properties, after) => {
    expect(applyProfile({ properties: before, isDeleted: false }, { type, properties }).properties).toEqual(
      after,
    );
  });

  it('brings a deleted profile back with the next set', () => {
    const deleted = applyProfile(
      { properties: { a: 1 }, isDeleted: false },
      { type: 'profile_delete', properties: {} },
    );
    expect(deleted.isDeleted).toBe(true);
    expect(applyProfile(deleted, { type: 'profile_set', properties: { b: 1 } })).toEqual({
      properties: { b: 1 },
      isDeleted: false,
    });
  });
});

describe('isTooLarge', () => {
  it('counts texts, lists and names', () => {
    const half = 'x'.repeat(600_000);
    expect(isTooLarge({ a: half, b: [half] })).toBe(true);
    expect(isTooLarge({ a: half, b: 1 })).toBe(false);
    expect(isTooLarge(Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`p${i}`, 1])))).toBe(true);
  });
});
