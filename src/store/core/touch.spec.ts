import type { TrackedRecord } from '../../kernel/event.js';
import type { JsonObject } from '../../kernel/json.js';
import { mergeProfiles } from './merge-profiles.js';
import { applyTouch, isOfKnownVisit, knownTouches, readTouch, type Touch } from './touch.js';

const NOON = Date.UTC(2026, 4, 1, 12);
const MINUTE = 60_000;
const event = (properties: JsonObject, change: Partial<TrackedRecord> = {}) =>
  ({ type: 'track', event: '$pageview', time: NOON, properties, ...change }) as TrackedRecord;
const aTouch = (source: string, time = NOON, more: JsonObject = {}): Touch => {
  const touch = readTouch(
    event({ $utm_source: source, $url: `https://example.com/${source}`, ...more }, { time }),
  );
  if (!touch) throw new Error('no touch');
  return touch;
};
const applied = (touches: readonly Touch[], profile: JsonObject = {}) => touches.reduce(applyTouch, profile);

describe('readTouch', () => {
  it.each([
    ['a campaign', event({ $utm_campaign: 'spring' }), true],
    ['another site', event({ $referrer_host: 'www.google.com', $referrer_class: 'search' }), true],
    ['a page of the same site', event({ $referrer_host: 'example.com', $referrer_class: 'internal' }), false],
    ['no referrer', event({ $referrer_class: 'direct' }), false],
    ['an empty campaign', event({ $utm_source: '' }), false],
    ['a campaign that is no text', event({ $utm_source: 5 }), false],
    ['an event of Rekindle itself', event({ $utm_source: 'x' }, { event: '$LinkClicked' }), false],
    ['a record that takes identities away', event({ $utm_source: 'x' }, { type: 'unbind' }), false],
  ])('says of an event with %s', (_name, record, isTouch) => {
    expect(readTouch(record) !== null).toBe(isTouch);
  });
});

describe('applyTouch', () => {
  it('writes the first touch into both places', () => {
    expect(applied([aTouch('news', NOON, { $utm_medium: 'email' })])).toEqual({
      $first_utm_source: 'news',
      $first_utm_medium: 'email',
      $first_landing_page: 'https://example.com/news',
      $first_touch_time: '2026-05-01T12:00:00.000Z',
      $latest_utm_source: 'news',
      $latest_utm_medium: 'email',
      $latest_landing_page: 'https://example.com/news',
      $latest_touch_time: '2026-05-01T12:00:00.000Z',
    });
  });

  const three = [
    aTouch('a', NOON, { $utm_term: 'tea' }),
    aTouch('b', NOON + 60 * MINUTE),
    aTouch('c', NOON + 120 * MINUTE),
  ];
  it.each([[[0, 1, 2]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 0, 1]], [[2, 1, 0]]])(
    'comes to the same in whatever order three touches arrive: %j',
    (order) => {
      const profile = applied(
        order.map((i) => three[i] as Touch),
        { name: 'Ada' },
      );
      expect(profile).toEqual({
        name: 'Ada',
        $first_utm_source: 'a',
        $first_utm_term: 'tea',
        $first_landing_page: 'https://example.com/a',
        $first_touch_time: '2026-05-01T12:00:00.000Z',
        $latest_utm_source: 'c',
        $latest_landing_page: 'https://example.com/c',
        $latest_touch_time: '2026-05-01T14:00:00.000Z',
      });
    },
  );

  it.each([
    ['a further event of the visit', aTouch('a', NOON + 29 * MINUTE), false],
    ['the same campaign after the visit', aTouch('a', NOON + 31 * MINUTE), true],
    ['another campaign within it', aTouch('b', NOON + MINUTE), true],
    ['an event of the visit that comes late', aTouch('a', NOON - MINUTE), true],
  ])('with %s, says whether anything changes', (_name, touch, isChanged) => {
    const profile = applied([aTouch('a')]);
    expect(applyTouch(profile, touch) !== profile).toBe(isChanged);
    const known = knownTouches(profile);
    expect(known && isOfKnownVisit(touch, known)).toBe(!isChanged);
  });

  it('recognises a campaign longer than what is kept of it', () => {
    const profile = applied([aTouch('x'.repeat(2_000))]);
    expect(applyTouch(profile, aTouch('x'.repeat(2_000), NOON + MINUTE))).toBe(profile);
  });

  it('cuts no character in two', () => {
    const profile = applied([aTouch(`${'x'.repeat(1_023)}😀`)]);
    expect(profile['$first_utm_source']).toBe('x'.repeat(1_023));
  });

  it('keeps what the SDK set first, and writes over what is no time', () => {
    const given = { $first_referrer: 'https://old.example.com/', $first_touch_time: 'long ago' };
    const profile = applied([aTouch('a')], given);
    expect(profile).toMatchObject({
      $first_referrer: 'https://old.example.com/',
      $first_utm_source: 'a',
      $first_touch_time: '2026-05-01T12:00:00.000Z',
    });
  });
});

describe('the touches of two users who turn out to be one', () => {
  const early = applied([aTouch('a'), aTouch('d', NOON + 500 * MINUTE)]);
  const late = applied([
    aTouch('b', NOON + 60 * MINUTE),
    aTouch('c', NOON + 120 * MINUTE, { $utm_term: 'tea' }),
  ]);
  it.each([
    ['into the earlier', early, late],
    ['into the later', late, early],
  ])('are the earliest and the latest, merged %s', (_name, into, from) => {
    const merged = mergeProfiles(into, from);
    expect(merged).toMatchObject({ $first_utm_source: 'a', $latest_utm_source: 'd' });
    expect(merged).not.toHaveProperty('$latest_utm_term');
  });

  it('are those of the one who has any', () => {
    expect(mergeProfiles({ name: 'Ada' }, early)).toEqual({ name: 'Ada', ...early });
  });
});
