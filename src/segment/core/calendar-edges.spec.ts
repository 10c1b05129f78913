import { anniversaryTurns, unitsOf } from './calendar-edges.js';
import { anniversaryDays } from './references.js';

const at = (text: string, timeZone = 'UTC') => ({ asOf: Date.parse(text), timeZone });
const iso = (moments: readonly number[]) => moments.map((moment) => new Date(moment).toISOString());

describe('The units of a calendar window', () => {
  it('are the days after today, also where the clocks change', () => {
    const { kind, present, starts } = unitsOf({ days: 3 }, at('2026-03-07T12:00:00Z', 'America/New_York'));
    expect([kind, present]).toEqual(['day', '2026-03-07']);
    expect(iso(starts)).toEqual([
      '2026-03-08T05:00:00.000Z',
      '2026-03-09T04:00:00.000Z',
      '2026-03-10T04:00:00.000Z',
    ]);
  });

  it('are weeks from Monday and whole months', () => {
    expect(unitsOf({ weeks: 1 }, at('2026-03-12T12:00:00Z')).present).toBe('2026-03-09');
    expect(iso(unitsOf({ weeks: 1 }, at('2026-03-12T12:00:00Z')).starts)).toEqual([
      '2026-03-16T00:00:00.000Z',
    ]);
    expect(unitsOf({ months: 2 }, at('2026-12-31T12:00:00Z')).present).toBe('2026-12-01');
    expect(iso(unitsOf({ months: 2 }, at('2026-12-31T12:00:00Z')).starts)).toEqual([
      '2027-01-01T00:00:00.000Z',
      '2027-02-01T00:00:00.000Z',
    ]);
  });
});

describe('The turns of an anniversary', () => {
  it.each([
    ['today', 0, 0],
    ['the next week', 0, 7],
    ['a fortnight around', -7, 7],
    ['most of the year', -180, 180],
  ])('are never later than the day on which %s begins or ends for it', (_, from, to) => {
    const condition = { anniversary: { property: 'birthday', from, to } };
    const now = at('2027-12-20T15:00:00Z', 'Asia/Shanghai');
    const turns = anniversaryTurns(condition, now);
    const before = new Set(anniversaryDays(condition, now));
    const late: string[] = [];
    for (let day = 0; day < 366; day++) {
      const asOf = now.asOf + day * 86_400_000 + 3_600_000;
      const days = new Set(anniversaryDays(condition, { ...now, asOf }));
      for (const monthDay of new Set([...before, ...days])) {
        const isTurned = before.has(monthDay) !== days.has(monthDay);
        if (isTurned && !((turns.get(monthDay) ?? Number.POSITIVE_INFINITY) <= asOf)) late.push(monthDay);
      }
    }
    expect(late).toEqual([]);
  });
});
