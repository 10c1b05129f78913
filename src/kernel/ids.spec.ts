import { isId, newId, parseUserId } from './ids.js';

describe('newId', () => {
  it('makes ids that sort by time, and in the order made within a millisecond', () => {
    const ids = [1_000, 1_001, 1_001, 2_000].map((nowMs) => newId('decision', nowMs));
    const inOneMs = Array.from({ length: 20_000 }, () => newId('decision', 3_000));
    expect([...ids, ...inOneMs].sort()).toEqual([...ids, ...inOneMs]);
    expect(new Set(inOneMs).size).toBe(20_000);
    expect(inOneMs.every((id) => isId('decision', id))).toBe(true);
  });
});

describe('parseUserId', () => {
  it.each([
    ['usr_1', 1],
    ['usr_0', null],
    ['usr_01', null],
    ['usr_9999999999999999', null],
    ['1', null],
  ])('reads %s as %s', (text, userId) => {
    expect(parseUserId(text)).toBe(userId);
  });
});
