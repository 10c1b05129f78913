import { HelperError } from './helper-error.js';
import { linkTarget, VALUE_HELPERS, type ValueHelper } from './helpers.js';

const AT = Date.UTC(2026, 2, 1, 23, 30);

function run(name: keyof typeof VALUE_HELPERS, args: unknown[], hash: Record<string, unknown> = {}): unknown {
  const helper: ValueHelper = VALUE_HELPERS[name];
  return helper({ args, hash, zone: 'Asia/Shanghai' });
}

describe('value helpers', () => {
  it.each([
    ['a present value beats the default', 'default', ['Ann', 'friend'], {}, 'Ann'],
    ['blank text takes the default', 'default', [' ', 'friend'], {}, 'friend'],
    ['the first present value wins', 'default', [null, '', 'third', 'x'], {}, 'third'],
    ['an empty default is allowed', 'default', [undefined, ''], {}, ''],
    ['a moment is shown in the zone of the project', 'formatDate', [AT], {}, 'Mar 2, 2026'],
    ['a moment is shown in the zone that is asked for', 'formatDate', [AT], { zone: 'UTC' }, 'Mar 1, 2026'],
    ['a date without time is not moved by the zone', 'formatDate', ['2026-03-01'], {}, 'Mar 1, 2026'],
    [
      'a wall clock is not moved by the zone',
      'formatDate',
      ['2026-03-01 23:30:00'],
      { style: 'short', time: 'short', locale: 'en-GB' },
      '01/03/2026, 23:30',
    ],
    ['a moment with an offset is moved', 'formatDate', ['2026-03-01T23:30:00Z'], {}, 'Mar 2, 2026'],
    ['a number has its thousands apart', 'formatNumber', [1234567.5], {}, '1,234,567.5'],
    ['a number has the decimals asked for', 'formatNumber', [2], { decimals: 2, locale: 'de' }, '2,00'],
    ['money has the digits of its currency', 'formatMoney', [1999, 'EUR'], {}, '€19.99'],
    ['yen have no minor unit', 'formatMoney', [1999, 'JPY'], {}, '¥1,999'],
    ['one is singular', 'plural', [1], { one: '# item', other: '# items' }, '1 item'],
    ['many are plural', 'plural', [1200], { one: '# item', other: '# items' }, '1,200 items'],
    ['text is raised', 'upper', ['straße'], {}, 'STRASSE'],
    ['text is lowered', 'lower', ['ABC'], {}, 'abc'],
    ['text that fits stays', 'truncate', ['abc', 3], {}, 'abc'],
    ['text that is cut ends with an ellipsis', 'truncate', ['abcdef', 4], {}, 'abc…'],
    ['a family emoji is one character', 'truncate', ['👨‍👩‍👧ab', 3], {}, '👨‍👩‍👧ab'],
  ] as const)('%s', (_sentence, name, args, hash, expected) => {
    expect(run(name, [...args], hash)).toBe(expected);
  });

  it.each([
    ['a date that is none', 'formatDate', ['soon'], {}],
    ['an unknown zone', 'formatDate', [AT], { zone: 'Mars/Base' }],
    ['an unknown style', 'formatDate', [AT], { style: 'constructor' }],
    ['a number that is none', 'formatNumber', ['many'], {}],
    ['decimals out of range', 'formatNumber', [1], { decimals: 1000 }],
    ['an unknown currency', 'formatMoney', [1, 'EURO'], {}],
    ['a plural without other', 'plural', [3], { one: 'x' }],
    ['a length of zero', 'truncate', ['a', 0], {}],
    ['an object as text', 'upper', [{}], {}],
  ] as const)('refuses %s', (_sentence, name, args, hash) => {
    expect(() => run(name, [...args], hash)).toThrow(HelperError);
  });
});

describe('linkTarget', () => {
  it('takes web addresses', () => {
    expect(linkTarget({ args: ['https://shop.example.com/a?b=1'], hash: {}, zone: 'UTC' })).toBe(
      'https://shop.example.com/a?b=1',
    );
  });

  it.each(['javascript:alert(1)', 'mailto:a@example.com', '//example.com', 'http://', '/cart', ''])(
    'refuses %s',
    (url) => {
      expect(() => linkTarget({ args: [url], hash: {}, zone: 'UTC' })).toThrow(HelperError);
    },
  );
});
