import { expectGolden, expectNoFileBeside } from '../../../test/support/golden.js';
import { compileSegment } from './compile-segment.js';
import { type Condition, SEGMENT_DEFINITION } from './condition.js';
import { inlineLists } from './inline-lists.js';
import { inlineSegments } from './inline-segments.js';

const GOLDEN = new URL('./__golden__/', import.meta.url);
const CONTEXT = { projectId: 1, asOf: Date.parse('2026-03-10T12:00:00Z'), timeZone: 'Asia/Shanghai' };

const last = (days: number) => ({ last: { days } });
const paid = { event: 'pay', window: last(30), compare: { op: 'at_least', value: 1 } };
const inShenzhen = { profile: { property: 'city', op: 'equals', value: 'Shenzhen' } };
const silent = { event: '*', window: last(7), compare: { op: 'at_most', value: 0 } };

const LIST = `lst_${'0'.repeat(26)}`;
const OF_PAYERS = `seg_${'0'.repeat(26)}`;
const OF_READERS = `seg_${'1'.repeat(26)}`;
const OTHERS = new Map<string, Condition>([
  [OF_PAYERS, { stopped: { event: 'pay', during: { days: 60 }, silentFor: { days: 30 } } }],
  [OF_READERS, { stopped: { event: 'read', during: { days: 60 }, silentFor: { days: 30 } } }],
]);
const UPLOADS = new Map([[LIST, [4, 6]]]);

const SEGMENTS: Record<string, unknown> = {
  'paid-at-least-once': paid,
  'paid-twice-and-silent-for-a-week': { all: [{ ...paid, compare: { op: 'at_least', value: 2 } }, silent] },
  'never-paid': { ...paid, window: 'all_time', compare: { op: 'at_most', value: 0 } },
  'viewed-but-did-not-pay': {
    all: [{ ...paid, event: 'view', window: last(7) }, { none: [{ ...paid, window: last(7) }] }],
  },
  'big-spenders': {
    ...paid,
    window: last(90),
    measure: { fn: 'sum', property: 'amount' },
    compare: { op: 'at_least', value: 1000 },
  },
  'average-order-below-ten': {
    ...paid,
    window: 'all_time',
    measure: { fn: 'avg', property: 'amount' },
    compare: { op: 'less_than', value: 10 },
  },
  'one-order-above-a-hundred': {
    any: [
      { ...paid, measure: { fn: 'max', property: 'amount' }, compare: { op: 'more_than', value: 100 } },
      {
        ...paid,
        event: 'refund',
        measure: { fn: 'min', property: 'amount' },
        compare: { op: 'less_than', value: -100 },
      },
    ],
  },
  'three-different-categories': {
    ...paid,
    event: 'view',
    measure: { fn: 'distinct', property: 'category' },
    compare: { op: 'at_least', value: 3 },
  },
  'paid-by-card-in-january': {
    ...paid,
    where: [
      { property: 'method', op: 'equals', value: 'card' },
      { property: 'amount', op: 'greater_than', value: 50 },
    ],
    window: { from: '2026-01-01', to: '2026-02-01' },
  },
  'profile-only': {
    all: [inShenzhen, { none: [{ profile: { property: 'vip', op: 'equals', value: true } }] }],
  },
  'paid-and-lives-in-shenzhen': { all: [paid, inShenzhen] },
  'paid-or-lives-in-shenzhen': { any: [paid, inShenzhen] },
  'silent-in-shenzhen': { all: [silent, inShenzhen] },
  'either-city-or-much-paid': {
    all: [
      { ...paid, event: 'login' },
      {
        any: [
          { profile: { property: 'city', op: 'in', values: ['Shenzhen', 'Guangzhou', 755, true] } },
          { ...paid, measure: { fn: 'avg', property: 'amount' }, compare: { op: 'at_least', value: 20 } },
        ],
      },
    ],
  },
  'every-text-filter': {
    ...paid,
    where: [
      { property: 'url', op: 'starts_with', value: 'https://' },
      { property: 'url', op: 'contains', value: '/sale/' },
      { property: 'url', op: 'ends_with', value: '.html' },
      { property: 'coupon', op: 'is_not_set' },
      { property: 'source', op: 'not_in', values: ['bot', 'test'] },
      { property: 'source', op: 'is_set' },
    ],
  },
  'several-windows-of-one-event': {
    all: [
      { ...paid, window: last(7), compare: { op: 'equals', value: 0 } },
      { ...paid, window: last(90), compare: { op: 'at_least', value: 5 } },
      { ...paid, event: 'login', window: last(90) },
    ],
  },
  'paid-this-month': { ...paid, window: { calendar: { months: 1 } } },
  'paid-last-week-but-not-this-one': {
    all: [
      { ...paid, window: { calendar: { weeks: 1 }, complete: true } },
      { ...silent, event: 'pay', window: { calendar: { weeks: 1 } } },
    ],
  },
  'paid-in-the-month-before-the-last-one': { ...paid, window: { last: { days: 30 }, before: { days: 30 } } },
  'paid-since-the-trial-began': { ...paid, window: { since: 'trial_started_at' } },
  'did-nothing-in-the-first-week-of-the-trial': {
    all: [
      { ...silent, window: { since: 'trial_started_at', first: { days: 7 } } },
      { ...paid, event: 'login', window: { since: 'signed_up_at' } },
      inShenzhen,
    ],
  },
  'last-paid-a-week-ago-or-earlier': {
    ...paid,
    window: 'all_time',
    measure: { fn: 'last_time' },
    compare: { op: 'at_least', ago: { days: 7 } },
  },
  'paid-for-the-first-time-this-year': {
    ...paid,
    window: 'all_time',
    measure: { fn: 'first_time' },
    compare: { op: 'since', moment: '2026-01-01' },
  },
  'active-on-five-days-of-the-last-ten': {
    ...silent,
    window: last(10),
    measure: { fn: 'active_days' },
    compare: { op: 'at_least', value: 5 },
  },
  'viewed-then-paid-within-an-hour': {
    sequence: [{ event: 'view' }, { event: 'pay' }],
    within: { hours: 1 },
    window: last(30),
  },
  'put-in-the-cart-and-did-not-come-back-before-paying': {
    sequence: [
      { event: 'add_to_cart', where: [{ property: 'price', op: 'at_least', value: 100 }] },
      { event: 'remind', without: [{ event: 'login' }] },
      { event: 'pay', without: [{ event: '$LinkClicked' }, { event: '$MessageOpened' }] },
    ],
    within: { days: 3 },
    window: last(30),
  },
  'viewed-and-paid-in-shenzhen': {
    all: [
      { sequence: [{ event: 'view' }, { event: 'pay' }], within: { days: 1 }, window: 'all_time' },
      inShenzhen,
    ],
  },
  'tried-then-bought-in-the-first-month': {
    sequence: [{ event: 'try' }, { event: 'buy' }],
    within: { days: 10 },
    window: { since: 'signed_up_at', first: { days: 30 } },
  },
  'stopped-paying': { stopped: { event: 'pay', atLeast: 3, during: { days: 30 }, silentFor: { days: 14 } } },
  'came-back-after-a-month': { resumed: { event: '*', silentFor: { days: 30 }, during: { days: 7 } } },
  'a-tenth-of-everyone': { bucket: { salt: 'spring', from: 0, to: 10 } },
  'half-of-the-payers': { all: [paid, { bucket: { salt: 'spring', from: 50, to: 100 } }] },
  'birthday-within-a-week': { anniversary: { property: 'birthday', from: 0, to: 7 } },
  'signed-up-years-ago-today-and-active': {
    all: [{ anniversary: { property: 'signed_up_at' } }, { ...paid, event: '*' }],
  },
  'on-the-list-of-the-fair': { list: LIST },
  'paid-and-not-on-the-list-of-staff': { all: [paid, { none: [{ list: LIST }] }] },
  'got-a-message-and-did-not-open-it': {
    all: [
      { ...paid, event: '$MessageSent', window: last(7) },
      { ...silent, event: '$MessageOpened' },
    ],
  },
  'clicked-a-link-of-a-message-then-paid': {
    sequence: [{ event: '$LinkClicked' }, { event: 'pay' }],
    within: { days: 1 },
    window: last(14),
  },
  'cart-abandoners-of-the-last-three-days': {
    all: [
      { ...paid, event: 'add_to_cart', window: last(3) },
      { ...silent, event: 'pay', window: last(3) },
      { profile: { property: 'email', op: 'is_set' } },
    ],
  },
  'checkout-drop-outs-within-two-hours': {
    all: [
      {
        sequence: [
          { event: 'view_item' },
          { event: 'add_to_cart' },
          { event: 'checkout', where: [{ property: 'amount', op: 'at_least', value: 50 }] },
        ],
        within: { hours: 2 },
        window: last(7),
      },
      { none: [{ ...paid, window: last(7) }] },
    ],
  },
  'trial-users-who-never-invited-anyone': {
    all: [
      { profile: { property: 'plan', op: 'equals', value: 'trial' } },
      {
        event: 'invite',
        window: { since: 'trial_started_at', first: { days: 14 } },
        compare: { op: 'at_most', value: 0 },
      },
    ],
  },
  'vip-customers-at-risk': {
    all: [
      { profile: { property: 'vip', op: 'equals', value: true } },
      {
        ...paid,
        window: { last: { days: 180 }, before: { days: 30 } },
        measure: { fn: 'sum', property: 'amount' },
        compare: { op: 'at_least', value: 5000 },
      },
      { stopped: { event: '*', atLeast: 5, during: { days: 60 }, silentFor: { days: 30 } } },
    ],
  },
  'new-customers-of-last-quarter-who-bought-once': {
    all: [
      {
        ...paid,
        window: 'all_time',
        measure: { fn: 'first_time' },
        compare: { op: 'since', moment: '2025-10-01' },
      },
      {
        ...paid,
        window: 'all_time',
        measure: { fn: 'first_time' },
        compare: { op: 'before', moment: '2026-01-01T00:00:00+08:00' },
      },
      { ...paid, window: 'all_time', compare: { op: 'equals', value: 1 } },
    ],
  },
  'weekend-readers-of-three-sections': {
    all: [
      {
        event: 'read',
        where: [{ property: 'is_weekend', op: 'equals', value: true }],
        window: { calendar: { weeks: 4 }, complete: true },
        measure: { fn: 'active_days' },
        compare: { op: 'at_least', value: 3 },
      },
      {
        event: 'read',
        window: { calendar: { weeks: 4 }, complete: true },
        measure: { fn: 'distinct', property: 'section' },
        compare: { op: 'more_than', value: 2 },
      },
    ],
  },
  'bargain-hunters-with-small-orders': {
    all: [
      {
        ...paid,
        where: [{ property: 'coupon', op: 'is_set' }],
        window: last(180),
        compare: { op: 'at_least', value: 3 },
      },
      {
        ...paid,
        window: last(180),
        measure: { fn: 'max', property: 'amount' },
        compare: { op: 'at_most', value: 30 },
      },
      {
        ...paid,
        window: last(180),
        measure: { fn: 'min', property: 'amount' },
        compare: { op: 'less_than', value: 10 },
      },
    ],
  },
  'guests-of-the-fair-who-did-not-sign-up': {
    all: [{ list: LIST }, { ...silent, event: 'sign_up', window: 'all_time' }],
  },
  'second-half-of-a-test-without-staff': {
    all: [
      { bucket: { salt: 'pricing-2026', from: 50, to: 100 } },
      { none: [{ list: LIST }, { profile: { property: 'email', op: 'ends_with', value: '@example.com' } }] },
    ],
  },
  'lapsed-payers-and-churned-readers': { any: [{ segment: OF_PAYERS }, { segment: OF_READERS }] },
  'payers-who-are-no-readers-any-more': {
    all: [{ segment: OF_PAYERS }, { none: [{ segment: OF_READERS }] }],
  },
  'opened-the-offer-and-did-not-click': {
    all: [
      {
        ...paid,
        event: '$MessageOpened',
        where: [
          { property: 'message_id', op: 'starts_with', value: 'msg_' },
          { property: 'is_machine', op: 'not_equals', value: true },
        ],
        window: last(14),
      },
      { ...silent, event: '$LinkClicked', window: last(14) },
    ],
  },
  'messaged-three-times-without-a-visit': {
    all: [
      { ...paid, event: '$MessageSent', window: last(30), compare: { op: 'at_least', value: 3 } },
      { ...silent, window: last(30) },
    ],
  },
  'came-by-an-ad-and-paid-within-three-days': {
    sequence: [{ event: '$AdAttributed' }, { event: 'pay' }],
    within: { days: 3 },
    window: { calendar: { months: 2 } },
  },
  'members-of-a-year-whose-birthday-was-last-week': {
    all: [
      { anniversary: { property: 'birthday', from: -7, to: -1 } },
      {
        event: 'sign_up',
        window: 'all_time',
        measure: { fn: 'last_time' },
        compare: { op: 'at_least', ago: { days: 365 } },
      },
    ],
  },
  'returned-after-a-refund': {
    all: [
      { resumed: { event: 'pay', silentFor: { days: 30 }, during: { days: 14 } } },
      {
        sequence: [{ event: 'refund' }, { event: 'pay', without: [{ event: 'complain' }] }],
        within: { days: 90 },
        window: last(120),
      },
    ],
  },
  'either-a-big-spender-or-a-steady-one-but-not-blocked': {
    all: [
      {
        any: [
          {
            all: [
              {
                ...paid,
                measure: { fn: 'sum', property: 'amount' },
                compare: { op: 'more_than', value: 999.5 },
              },
              inShenzhen,
            ],
          },
          {
            all: [
              { ...paid, measure: { fn: 'active_days' }, compare: { op: 'at_least', value: 10 } },
              { none: [{ profile: { property: 'city', op: 'is_not_set' } }] },
            ],
          },
        ],
      },
      {
        none: [{ profile: { property: 'blocked', op: 'equals', value: true } }, { ...paid, event: 'fraud' }],
      },
    ],
  },
};

function compile(where: unknown) {
  const definition = SEGMENT_DEFINITION.parse({ version: 1, where });
  const inlined = inlineSegments(definition.where, OTHERS, null);
  return compileSegment({ ...definition, where: inlineLists(inlined, UPLOADS) }, CONTEXT);
}

describe('The compiled SQL', () => {
  it.each(Object.entries(SEGMENTS))('of %s is the one in __golden__', async (name, where) => {
    await expectGolden(GOLDEN, name, compile(where));
  });

  it('has a segment for every file', async () => {
    await expectNoFileBeside(GOLDEN, Object.keys(SEGMENTS));
  });

  it('never holds a value or a name that a definition gave', () => {
    const evil = "x' OR 1=1 --";
    const { sql, params } = compile({
      all: [
        { ...paid, event: evil, where: [{ property: 'amount', op: 'equals', value: evil }] },
        { profile: { property: 'city', op: 'contains', value: evil } },
      ],
    });
    expect(sql).not.toContain(evil);
    expect(sql).not.toMatch(/amount|city/);
    expect(Object.values(params)).toContain(evil);
  });

  it('is the same for the same definition and moment', () => {
    expect(compile(SEGMENTS['silent-in-shenzhen'])).toEqual(compile(SEGMENTS['silent-in-shenzhen']));
  });
});
