import { checkSpan, resolveRange, TIME_RANGE, type TimeRange } from './time-range.js';

const NOW = Date.parse('2026-03-10T12:00:00Z');

describe('A range', () => {
  it.each<[TimeRange, string, string, string]>([
    [{ last: { days: 1 } }, 'America/New_York', '2026-03-09T12:00:00.000Z', '2026-03-10T12:00:00.000Z'],
    [{ last: { hours: 2 } }, 'UTC', '2026-03-10T10:00:00.000Z', '2026-03-10T12:00:00.000Z'],
    [{ calendar: { days: 1 } }, 'Asia/Shanghai', '2026-03-09T16:00:00.000Z', '2026-03-10T12:00:00.000Z'],
    [{ calendar: { days: 3 } }, 'America/New_York', '2026-03-08T05:00:00.000Z', '2026-03-10T12:00:00.000Z'],
    [{ calendar: { weeks: 1 } }, 'UTC', '2026-03-09T00:00:00.000Z', '2026-03-10T12:00:00.000Z'],
    [{ calendar: { weeks: 2 } }, 'UTC', '2026-03-02T00:00:00.000Z', '2026-03-10T12:00:00.000Z'],
    [{ calendar: { months: 3 } }, 'UTC', '2026-01-01T00:00:00.000Z', '2026-03-10T12:00:00.000Z'],
    [
      { from: '2026-03-01', to: '2026-03-02' },
      'Asia/Shanghai',
      '2026-02-28T16:00:00.000Z',
      '2026-03-01T16:00:00.000Z',
    ],
    [
      { from: '2026-03-01T00:00:00+08:00', to: '2027-01-01' },
      'UTC',
      '2026-02-28T16:00:00.000Z',
      '2026-03-10T12:00:00.000Z',
    ],
  ])('%j in %s is from %s to %s', (range, timeZone, from, to) => {
    const span = resolveRange(TIME_RANGE.parse(range), { nowMs: NOW, timeZone });
    expect([new Date(span.fromMs).toISOString(), new Date(span.toMs).toISOString()]).toEqual([from, to]);
    expect(checkSpan(span)).toEqual([]);
  });

  it.each<[string, TimeRange, string]>([
    ['ends before it begins', { from: '2026-03-02', to: '2026-03-01' }, 'empty_range'],
    ['begins in the future', { from: '2026-04-01', to: '2026-05-01' }, 'empty_range'],
    ['begins before 1970', { from: '1969-01-01', to: '2026-03-01' }, 'too_early'],
  ])('that %s is refused', (_case, range, code) => {
    expect(checkSpan(resolveRange(range, { nowMs: NOW, timeZone: 'UTC' }))).toMatchObject([{ code }]);
  });

  it.each([
    [{}, 'exactly one of last, calendar, from'],
    [{ last: { days: 1, hours: 1 } }, 'exactly one of days, hours, minutes'],
    [{ from: '2026-02-30', to: '2026-03-01' }, 'must be a time with its offset'],
  ])('%j is no range', (range, message) => {
    expect(TIME_RANGE.safeParse(range).error?.issues[0]?.message).toContain(message);
  });
});
