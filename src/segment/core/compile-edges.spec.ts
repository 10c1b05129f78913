import { compileLive } from './compile-segment.js';
import { SEGMENT_DEFINITION, type SegmentDefinition } from './condition.js';
import type { LookedAt } from './looked-at.js';

const AT = { projectId: 1, asOf: Date.parse('2026-03-10T12:00:00Z'), timeZone: 'UTC' };

const SOME_USERS: LookedAt = {
  users: (persons) => `SELECT 1${persons ? ` AND person IN (${persons})` : ''}`,
  persons: 'SELECT 2',
  person: 'user_id',
};

function compile(where: unknown, within?: LookedAt) {
  const definition = SEGMENT_DEFINITION.parse({ version: 1, where }) as SegmentDefinition;
  return compileLive(definition, { ...AT, ...(within && { within }) });
}
const paid = (more: object = {}) => ({
  event: 'pay',
  window: { last: { days: 7 } },
  compare: { op: 'at_least', value: 2 },
  ...more,
});

describe('When an answer may change by itself', () => {
  it('is never, where nothing is about time', () => {
    const all = [
      { profile: { property: 'city', op: 'equals', value: 'Shenzhen' } },
      { bucket: { salt: 'a', from: 0, to: 10 } },
    ];
    expect(compile({ all }).sql).toContain('toInt64(0) AS edge');
  });

  it('is when the next of several payments leaves the window, but only when the last one does where one is enough', () => {
    expect(compile(paid()).sql).toContain('minIf(if(toUnixTimestamp64Milli(time) +');
    const one = compile(paid({ compare: { op: 'at_least', value: 1 } })).sql;
    expect(one).toContain('maxIf(toUnixTimestamp64Milli(time)');
    expect(one).not.toContain('minIf(if(');
  });

  it('reads no more events than the windows reach back, and those of the future', () => {
    const { params } = compile(paid());
    expect(Object.values(params)).toEqual(
      expect.arrayContaining(['2026-03-03 12:00:00.000', '2200-01-01 00:00:00.000']),
    );
    expect(compile(paid({ window: 'all_time' })).params).not.toHaveProperty('2026-03-03');
  });

  it('counts what disturbs a sequence, and every part of a lifecycle', () => {
    const { params } = compile({
      any: [
        {
          sequence: [{ event: 'cart' }, { event: 'pay', without: [{ event: 'remove' }] }],
          within: { hours: 1 },
          window: { last: { days: 3 } },
        },
        { stopped: { event: 'view', during: { days: 30 }, silentFor: { days: 14 } } },
      ],
    });
    expect(Object.values(params)).toEqual(expect.arrayContaining(['cart', 'pay', 'remove', 'view']));
  });

  it('is told of nobody who fails a condition that only the profile changes', () => {
    const { sql } = compile({
      all: [paid(), { profile: { property: 'city', op: 'equals', value: 'Shenzhen' } }],
    });
    expect(sql).toContain('INNER JOIN');
    expect(sql.slice(0, sql.indexOf('INNER JOIN'))).toContain("'String') =");
  });

  it('reads the events once for members and edges', () => {
    const { sql } = compile({ all: [paid(), paid({ event: 'view' })] });
    expect(sql.match(/FROM event/g)).toHaveLength(1);
  });

  it('holds no value that a definition gave in its text', () => {
    const where = paid({ event: "it's", where: [{ property: 'pay_by', op: 'equals', value: "c'd" }] });
    expect(compile(where).sql).not.toMatch(/it's|pay_by|c'd/);
  });

  it('asks about some users alone with their numbers', () => {
    const { sql } = compile({ any: [paid(), { anniversary: { property: 'birthday' } }] }, SOME_USERS);
    expect(sql).toContain('user_id IN (SELECT 1)');
    expect(sql).toContain('user_id IN (SELECT 2)');
    expect(sql).toContain('GROUP BY user_id');
  });

  it('looks for events of those users only whose profile lets them in', () => {
    const where = { all: [paid(), { profile: { property: 'vip', op: 'equals', value: true } }] };
    const { sql } = compile(where, SOME_USERS);
    expect(sql).toMatch(
      /FROM event\s+WHERE [^)]+user_id IN \(SELECT 1 AND person IN \(SELECT user_id\s+FROM profile/,
    );
  });
});
