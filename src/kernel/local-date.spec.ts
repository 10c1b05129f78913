import { isLocalDate, startOfLocalDay, toLocalTime } from './local-date.js';

describe('startOfLocalDay', () => {
  it.each([
    ['UTC', '2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['Asia/Shanghai', '2026-03-01', '2026-02-28T16:00:00.000Z'],
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z'],
    ['America/New_York', '2026-03-09', '2026-03-09T04:00:00.000Z'],
    ['Asia/Kathmandu', '2026-03-01', '2026-02-28T18:15:00.000Z'],
    ['Pacific/Kiritimati', '2026-03-01', '2026-02-28T10:00:00.000Z'],
  ])('is midnight in %s on %s', (timeZone, date, expected) => {
    expect(new Date(startOfLocalDay(date, timeZone)).toISOString()).toBe(expected);
  });

  it('is the moment of the skip where the clocks skip midnight', () => {
    expect(new Date(startOfLocalDay('2026-04-24', 'Africa/Cairo')).toISOString()).toBe(
      '2026-04-23T22:00:00.000Z',
    );
    expect(new Date(startOfLocalDay('2018-11-04', 'America/Sao_Paulo')).toISOString()).toBe(
      '2018-11-04T03:00:00.000Z',
    );
  });

  it('is the first of two midnights where the clocks repeat it', () => {
    expect(new Date(startOfLocalDay('2026-11-01', 'America/Havana')).toISOString()).toBe(
      '2026-11-01T04:00:00.000Z',
    );
  });
});

describe('isLocalDate', () => {
  it.each([
    ['2026-02-28', true],
    ['2026-02-29', false],
    ['2026-2-8', false],
    ['2026-02-28T00:00:00Z', false],
  ])('%s: %s', (text, expected) => {
    expect(isLocalDate(text)).toBe(expected);
  });
});

describe('toLocalTime', () => {
  it.each([
    ['Asia/Shanghai', '2026-03-01T16:00:05.678Z', '2026-03-02T00:00:05'],
    ['America/New_York', '2026-03-08T06:59:59Z', '2026-03-08T01:59:59'],
    ['America/New_York', '2026-03-08T07:00:00Z', '2026-03-08T03:00:00'],
  ])('is the wall clock of %s at %s', (timeZone, at, expected) => {
    expect(toLocalTime(Date.parse(at), timeZone)).toBe(expected);
  });
});
