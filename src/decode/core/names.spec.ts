import type { Json, JsonObject } from '../../kernel/json.js';
import { readEventName, withLegalNames } from './names.js';

describe('readEventName', () => {
  it.each<[Json | undefined]>([
    ['Order Completed'],
    ['下单'],
    ['🛒 added'],
    ['$pageview'],
    ['x'.repeat(100)],
  ])('takes %j', (raw) => {
    expect(readEventName(raw)).toEqual({ kind: 'ok', name: raw });
  });

  it.each<[Json | undefined, string]>([
    [undefined, 'missing_event_name'],
    [null, 'missing_event_name'],
    ['', 'missing_event_name'],
    [' ', 'invalid_name'],
    [7, 'invalid_name'],
    ['x'.repeat(101), 'invalid_name'],
    ['a\u0000', 'invalid_name'],
    ['a\ud800', 'invalid_name'],
    ['$MessageSent', 'invalid_name'],
  ])('refuses %j as %s', (raw, reason) => {
    expect(readEventName(raw)).toMatchObject({ kind: 'dead', reason });
  });
});

describe('withLegalNames', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['keeps legal names', { price: 1, $os: 2, 订: 3, _1: 4 }, { price: 1, $os: 2, 订: 3, _1: 4 }],
    ['replaces other characters', { 'order id': 1, 'a.b-c': 2, x价y: 3 }, { order_id: 1, a_b_c: 2, x_y: 3 }],
    ['puts _ before a digit', { '1st': 1 }, { _1st: 1 }],
    ['cuts at 100 characters', { [`${'x'.repeat(120)} `]: 1 }, { ['x'.repeat(100)]: 1 }],
    ['lets a legal name win over one that would become it', { 'a b': 1, a_b: 2 }, { 'a b': 1, a_b: 2 }],
    ['lets the first win of two that would become the same', { 'a b': 1, 'a.b': 2 }, { a_b: 1, 'a.b': 2 }],
    ['leaves what would have no letter', { 价格: 1, '': 2, '. .': 3 }, { 价格: 1, '': 2, '. .': 3 }],
  ])('%s', (_name, raw, expected) => {
    expect(withLegalNames(raw)).toEqual(expected);
  });

  it('takes names that JavaScript uses itself for what they are', () => {
    const renamed = withLegalNames(JSON.parse('{"__proto__":{"a":1},"constructor":2}') as JsonObject);
    expect(Object.keys(renamed)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(renamed)).toBe(Object.prototype);
  });
});
