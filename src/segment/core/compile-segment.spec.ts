import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compileSegment } from './compile-segment.js';
import { SEGMENT_DEFINITION } from './condition.js';

const GOLDEN = fileURLToPath(new URL('./__golden__/', import.meta.url));
const CONTEXT = { projectId: 1, asOf: Date.parse('2026-03-10T12:00:00Z'), timeZone: 'Asia/Shanghai' };

const last = (days: number) => ({ last: { days } });
const paid = { event: 'pay', window: last(30), compare: { op: 'at_least', value: 1 } };
const inShenzhen = { profile: { property: 'city', op: 'equals', value: 'Shenzhen' } };
const silent = { event: '*', window: last(7), compare: { op: 'at_most', value: 0 } };

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
};

function compile(where: unknown) {
  return compileSegment(SEGMENT_DEFINITION.parse({ version: 1, where }), CONTEXT);
}

describe('The compiled SQL', () => {
  // UPDATE_GOLDEN=1 writes the files anew; read the difference before it is committed.
  it.each(Object.entries(SEGMENTS))('of %s is the one in __golden__', async (name, where) => {
    const { sql, params } = compile(where);
    const header = Object.entries(params).map(([key, value]) => `-- ${key} = ${JSON.stringify(value)}`);
    const actual = `${[...header, sql].join('\n')}\n`;
    const file = `${GOLDEN}${name}.sql`;
    if (process.env['UPDATE_GOLDEN']) await writeFile(file, actual);
    expect(actual).toBe(await readFile(file, 'utf8'));
  });

  it('has a segment for every file', async () => {
    const names = (await readdir(GOLDEN)).map((name) => name.replace(/\.sql$/, ''));
    expect(names.sort()).toEqual(Object.keys(SEGMENTS).sort());
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
