import fc from 'fast-check';
import type { JsonObject } from '../../kernel/json.js';
import { cleanProperties, MAX_TOTAL_LENGTH } from './clean-properties.js';

const clean = (properties: JsonObject) => cleanProperties(properties, 'any', null);
const nested = (depth: number): JsonObject => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);

describe('cleanProperties', () => {
  it.each([
    ['texts, numbers and booleans as they are', { a: 'x', b: 1.5, c: false }, { a: 'x', b: 1.5, c: false }],
    ['lists as lists of texts', { a: ['x', 1, true, null, { b: 1 }] }, { a: ['x', '1', 'true', '{"b":1}'] }],
    ['nested objects as JSON text', { a: { b: [1] } }, { a: '{"b":[1]}' }],
    ['nothing of a null', { a: null, b: 1 }, { b: 1 }],
    ['U+FFFD for what no database keeps', { a: 'x\u0000y\ud800z' }, { a: 'x\uFFFDy\uFFFDz' }],
    ['whole surrogate pairs', { a: '😀' }, { a: '😀' }],
  ])('keeps %s', (_name, raw, expected) => {
    expect(clean(raw)).toMatchObject({ properties: expected, refusedCount: 0 });
  });

  it('cuts a text at 8,192 characters, never in the middle of one', () => {
    expect(clean({ a: 'x'.repeat(9_000) }).properties['a']).toBe('x'.repeat(8_192));
    expect(clean({ a: `${'x'.repeat(8_191)}😀` }).properties['a']).toBe('x'.repeat(8_191));
  });

  it('cuts a list at 500 elements', () => {
    expect(clean({ a: new Array(1_000).fill('x') }).properties['a']).toHaveLength(500);
  });

  it.each([
    ['an illegal name', { 商品: 1, 'a b': 1, '1a': 1 }, ['1a', '商品', 'a b']],
    ['a name of more than 100 characters', { ['a'.repeat(101)]: 1 }, ['a'.repeat(100)]],
    ['a number that is not finite', { a: Number.POSITIVE_INFINITY }, ['a']],
    ['an object nested too deep', { a: nested(40) }, ['a']],
    ['a list nested too deep', { a: [nested(100_000)] }, ['a']],
    [
      'a dangerous name',
      JSON.parse('{"__proto__":{"x":1},"constructor":1,"prototype":1,"toString":1,"__lookupGetter__":1}'),
      ['__proto__', 'constructor', 'prototype', 'toString', '__lookupGetter__'],
    ],
  ])('refuses %s and keeps the rest', (_name, raw, names) => {
    const result = clean({ ...raw, ok: 1 });
    expect(result.properties).toEqual({ ok: 1 });
    expect(result.refusedNames.toSorted()).toEqual(names.toSorted());
    expect(result.refusedCount).toBe(names.length);
  });

  it('keeps texts of 1 MiB together, and refuses those beyond', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`p${i}`, ['x'.repeat(8_000)]]));
    const result = clean({ ...many, number: 1 });
    expect(Object.keys(result.properties)).toHaveLength(Math.floor(MAX_TOTAL_LENGTH / 8_000) + 1);
    expect(result.properties['number']).toBe(1);
  });

  it('cannot be made to change the prototype of any object', () => {
    const result = clean(JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":{"polluted":true}}}'));
    expect(Object.getPrototypeOf(result.properties)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
    expect(result.properties['polluted']).toBeUndefined();
  });

  it('keeps 1,000 of 10,000 properties and names 20 of the others', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`p${i}`, i]));
    const result = clean(many);
    expect(Object.keys(result.properties)).toHaveLength(1_000);
    expect(result).toMatchObject({ refusedCount: 9_000 });
    expect(result.refusedNames).toHaveLength(20);
  });

  it.each([
    ['numbers', { a: 1, b: '2', c: null }, { a: 1 }],
    ['lists', { a: ['x'], b: 'y', c: 3 }, { a: ['x'], b: ['y'], c: ['3'] }],
    ['names', { a: true, b: null, c: { d: 1 } }, { a: true, b: true, c: true }],
  ] as const)('lets through what a rule of %s allows', (rule, raw, expected) => {
    expect(cleanProperties({ ...raw } as JsonObject, rule, null).properties).toEqual(expected);
  });

  it('leaves only what any database keeps, whatever comes in', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 })), (raw) => {
        const { properties } = clean(JSON.parse(JSON.stringify(raw)));
        for (const value of Object.values(properties)) {
          const parts = Array.isArray(value) ? value : [value];
          for (const part of parts) expect(typeof part).not.toBe('object');
          expect(JSON.stringify(value)).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89ab])/);
        }
      }),
      { numRuns: 300 },
    );
  });
});
