import { createCipheriv, randomBytes } from 'node:crypto';
import type { DecodedRecord } from '../../../kernel/event.js';
import type { Json } from '../../../kernel/json.js';
import { checkPattern, compileDerived, type DeriveStep, derive, deriveInto } from './derive.js';

const KEY = randomBytes(32);
const secretKey = KEY.toString('base64');
const encrypted = (cipher: 'aes-256-gcm' | 'aes-256-cbc', text: string) => {
  const iv = randomBytes(cipher === 'aes-256-gcm' ? 12 : 16);
  if (cipher === 'aes-256-cbc') {
    const ciphering = createCipheriv(cipher, KEY, iv);
    return Buffer.concat([iv, ciphering.update(text, 'utf8'), ciphering.final()]).toString('base64');
  }
  const ciphering = createCipheriv(cipher, KEY, iv);
  const body = Buffer.concat([ciphering.update(text, 'utf8'), ciphering.final()]);
  return Buffer.concat([iv, body, ciphering.getAuthTag()]).toString('base64');
};
const changed = (base64: string) => {
  const bytes = Buffer.from(base64, 'base64');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64');
};
const property = (steps: readonly DeriveStep[], change = {}) =>
  compileDerived({ scope: 'event', source: 'from', target: 'to', steps, ...change });
const GCM: DeriveStep = { op: 'decrypt', cipher: 'aes-256-gcm', secretKey };
const CBC: DeriveStep = { op: 'decrypt', cipher: 'aes-256-cbc', secretKey };

describe('derive', () => {
  it.each<[string, DeriveStep[], Json, Json]>([
    ['copies a text', [], 'A', 'A'],
    ['copies a list', [], ['a', 'b'], ['a', 'b']],
    ['lowers a text', [{ op: 'lower_case' }], 'Ada@Example.COM', 'ada@example.com'],
    ['takes a part', [{ op: 'split', separator: '/', index: 1 }], 'a/b/c', 'b'],
    ['takes the last part', [{ op: 'split', separator: '/', index: -1 }], 'a/b/c', 'c'],
    ['finds no part beyond the last', [{ op: 'split', separator: '/', index: 3 }], 'a/b/c', null],
    [
      'reads a parameter',
      [{ op: 'url_parameter', name: 'sku' }],
      'https://example.com/?a=1&sku=T%201',
      'T 1',
    ],
    ['reads a parameter of a query', [{ op: 'url_parameter', name: 'sku' }], 'a=1&sku=7', '7'],
    [
      'reads a parameter of a mini-program page',
      [{ op: 'url_parameter', name: 'sku' }],
      '/pages/tea?sku=7',
      '7',
    ],
    [
      'takes a group of a match',
      [{ op: 'regex', pattern: 'order-(\\d+)', group: 1 }],
      'x order-4711',
      '4711',
    ],
    ['takes a whole match', [{ op: 'regex', pattern: '[0-9]+', group: 0 }], 'order-4711', '4711'],
    ['finds nothing where nothing matches', [{ op: 'regex', pattern: 'z', group: 0 }], 'a', null],
    ['hashes', [{ op: 'sha256' }], 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['reads a number as text', [{ op: 'split', separator: '.', index: 0 }], 12.5, '12'],
    [
      'does step after step',
      [{ op: 'split', separator: '@', index: 1 }, { op: 'lower_case' }],
      'ada@Example.COM',
      'example.com',
    ],
    ['decrypts', [GCM], encrypted('aes-256-gcm', '商品 1'), '商品 1'],
    ['decrypts by the other cipher', [CBC], encrypted('aes-256-cbc', 'a'.repeat(100)), 'a'.repeat(100)],
    ['gives nothing without a source', [{ op: 'lower_case' }], null, null],
  ])('%s', (_name, steps, source, expected) => {
    expect(derive(property(steps), source)).toMatchObject({ value: expected, error: null });
  });

  it.each<[string, DeriveStep[], Json]>([
    ['a step on a list', [{ op: 'lower_case' }], ['a']],
    ['a text that was not encrypted', [GCM], 'plain'],
    ['an empty text', [GCM], ''],
    ['a changed cipher text', [GCM], changed(encrypted('aes-256-gcm', 'abc'))],
    ['a cut cipher text', [CBC], encrypted('aes-256-cbc', 'abc').slice(0, 30)],
  ])('tells the error of %s', (_name, steps, source) => {
    const { value, error } = derive(property(steps), source);
    expect(value).toBeNull();
    expect(error).not.toBeNull();
  });

  it('shows what every step gave', () => {
    const steps: DeriveStep[] = [
      { op: 'lower_case' },
      { op: 'split', separator: '-', index: 5 },
      { op: 'sha256' },
    ];
    expect(derive(property(steps), 'A-B').trace).toEqual([
      { op: 'lower_case', value: 'a-b' },
      { op: 'split', value: null },
    ]);
  });

  it.each(['(x+x+)+y', '(a|aa)+$', '^(\\w+\\s?)*$', '(.*)(.*)(.*)(.*)[^a]x'])(
    'matches %s in no time against a hostile text',
    (pattern) => {
      const startedAt = performance.now();
      derive(property([{ op: 'regex', pattern, group: 0 }]), 'a'.repeat(8_000));
      derive(property([{ op: 'regex', pattern, group: 0 }]), `${'x'.repeat(8_000)}!`);
      expect(performance.now() - startedAt).toBeLessThan(500);
    },
  );
});

describe('checkPattern', () => {
  it.each([
    ['a good one', '([a-z]+)-(\\d+)', 2, null],
    ['a missing group', '([a-z]+)', 2, 'groups'],
    ['broken syntax', '([a-z', 0, 'cannot be read'],
    ['a look-behind, which is not linear', '(?<=a)b', 0, 'cannot be read'],
    ['a back reference, which is not linear', '(a)\\1', 0, 'cannot be read'],
    ['a huge one', '(?:[a-z]{0,100}){0,9}', 0, 'too large'],
  ])('judges %s', (_name, pattern, group, expected) => {
    const problem = checkPattern(pattern, group);
    if (expected === null) expect(problem).toBeNull();
    else expect(problem).toContain(expected);
  });
});

describe('deriveInto', () => {
  const record = (properties: DecodedRecord['properties'], type: DecodedRecord['type'] = 'track') =>
    ({ type, properties }) as DecodedRecord;

  it('applies properties in order, each upon what the one before made', () => {
    const event = record({ email: 'Ada@Example.com' });
    const failures = deriveInto(event, [
      property([{ op: 'lower_case' }], { source: 'email', target: 'email' }),
      property([{ op: 'split', separator: '@', index: 1 }], { source: 'email', target: 'mail_domain' }),
      property([{ op: 'lower_case' }], { source: 'missing', target: 'nothing' }),
    ]);
    expect(failures).toBe(0);
    expect(event.properties).toEqual({ email: 'ada@example.com', mail_domain: 'example.com' });
  });

  it('counts failures and leaves the target as it was', () => {
    const event = record({ from: 'plain', to: 'kept' });
    expect(deriveInto(event, [property([GCM])])).toBe(1);
    expect(event.properties).toEqual({ from: 'plain', to: 'kept' });
  });

  it.each([
    ['event', 'track', true],
    ['event', 'identify', true],
    ['event', 'profile_set', false],
    ['profile', 'profile_set', true],
    ['profile', 'profile_set_once', true],
    ['profile', 'profile_increment', false],
    ['profile', 'track', false],
  ] as const)('applies those of scope %s to %s: %s', (scope, type, isApplied) => {
    const one = record({ from: 'a' }, type);
    deriveInto(one, [property([], { scope })]);
    expect('to' in one.properties).toBe(isApplied);
  });
});
