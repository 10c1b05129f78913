import { describe, expect, it } from '@jest/globals';
import type { TrackedRecord } from '../../kernel/event.js';
import type { Json, JsonObject } from '../../kernel/json.js';
import { correlationOf, toTriggerEvent } from './trigger-event.js';

describe('what two events must share', () => {
  it.each<[string, JsonObject, JsonObject, boolean]>([
    ['the same text is the same', { p: 'a' }, { p: 'a' }, true],
    ['a number and a text differ', { p: 5 }, { p: '5' }, false],
    ['absent and null are the same', {}, { p: null }, true],
    ['absent and empty differ', {}, { p: '' }, false],
    [
      'long values that differ at their end differ',
      { p: `${'x'.repeat(5_000)}1` },
      { p: `${'x'.repeat(5_000)}2` },
      false,
    ],
  ])('%s', (_, a, b, same) => {
    expect(correlationOf('p', a) === correlationOf('p', b)).toBe(same);
  });

  it('is nothing where the rule does not ask for it', () => {
    expect(correlationOf(undefined, { p: 1 })).toBe('');
  });

  it('fits into an index row', () => {
    expect(correlationOf('p', { p: 'x'.repeat(100_000) }).length).toBeLessThanOrEqual(100);
  });
});

describe('what a timer keeps of an event', () => {
  it.each<[string, Json, Json]>([
    ['leaves out U+0000, which jsonb refuses', 'a\u0000b', 'ab'],
    ['replaces half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
    ['keeps whole pairs', '😀', '😀'],
    ['reaches into lists and objects', [{ 'k\u0000': ['\u0000'] }], [{ k: [''] }]],
  ])('%s', (_, value, expected) => {
    const record = { eventId: 'e', event: 'View', time: 1, receivedAt: 2, properties: { p: value } };
    expect(toTriggerEvent(record as unknown as TrackedRecord).properties).toEqual({ p: expected });
  });

  it('does not go down without end', () => {
    let deep: Json = 1;
    for (let i = 0; i < 50_000; i++) deep = [deep];
    expect(() => toTriggerEvent({ properties: { deep } } as unknown as TrackedRecord)).not.toThrow();
  });
});
