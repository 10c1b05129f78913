import { toRecordTime } from './record-time.js';

const RECEIVED = Date.UTC(2026, 4, 1, 12);
const DAY = 86_400_000;

const WINDOW = { lateMs: 731 * DAY, futureMs: 3_600_000 };
const timeOf = (change: Partial<Parameters<typeof toRecordTime>[0]>) =>
  toRecordTime({
    time: undefined,
    flushTime: undefined,
    isTimeFree: false,
    receivedAt: RECEIVED,
    window: WINDOW,
    ...change,
  });

describe('toRecordTime', () => {
  it.each([
    ['the moment of receiving without a time', {}, RECEIVED],
    ['13 digits as they are', { time: RECEIVED - 5_000 }, RECEIVED - 5_000],
    ['10 digits as seconds', { time: RECEIVED / 1000 - 5 }, RECEIVED - 5_000],
    ['seconds with a fraction', { time: 1_775_000_000.123 }, 1_775_000_000_123],
    ['digits as text', { time: String(RECEIVED - 1) }, RECEIVED - 1],
    ['a time a few ms behind its own sending', { time: RECEIVED + 3, flushTime: RECEIVED }, RECEIVED + 3],
    [
      'no correction within a minute',
      { time: RECEIVED - 70_000, flushTime: RECEIVED - 60_000 },
      RECEIVED - 70_000,
    ],
    [
      'the difference of a slow clock',
      { time: RECEIVED - 3 * DAY, flushTime: RECEIVED - 3 * DAY + 9 },
      RECEIVED - 9,
    ],
    [
      'the difference of a clock ahead',
      { time: RECEIVED + DAY - 9, flushTime: RECEIVED + DAY },
      RECEIVED - 9,
    ],
    [
      'no correction of imported history',
      { time: 1_200_000_000, flushTime: RECEIVED - DAY, isTimeFree: true },
      1.2e12,
    ],
    ['no correction by an absurd sending time', { time: RECEIVED, flushTime: 1e12 }, RECEIVED],
    ['no correction by what is no time', { time: RECEIVED, flushTime: 'soon' }, RECEIVED],
  ])('takes %s', (_name, raw, expected) => {
    expect(timeOf(raw)?.time).toBe(expected);
  });

  it.each([
    ['words', { time: 'yesterday' }],
    ['12 digits', { time: 170_000_000_000 }],
    ['14 digits', { time: 17_000_000_000_000 }],
    ['a negative number', { time: -1_700_000_000_000 }],
    ['zero', { time: 0 }],
    ['more than a number holds', { time: Number.POSITIVE_INFINITY }],
    ['an object', { time: {} }],
    ['more than two years ago', { time: RECEIVED - 732 * DAY }],
    ['more than an hour ahead', { time: RECEIVED + 3_700_000 }],
    ['history of the future', { time: RECEIVED + 3_700_000, isTimeFree: true }],
    ['the year 2286', { time: 9_999_999_999_999, flushTime: 9_999_999_999_999 - 100 * DAY }],
  ])('refuses %s', (_name, raw) => {
    expect(timeOf(raw)).toBeNull();
  });

  it.each([
    ['as late as allowed', -2 * DAY, true],
    ['later than allowed', -2 * DAY - 1, false],
    ['as far ahead as allowed', 60_000, true],
    ['farther ahead than allowed', 60_001, false],
  ])('keeps to the window of the installation: %s', (_name, offsetMs, isAccepted) => {
    const window = { lateMs: 2 * DAY, futureMs: 60_000 };
    expect(timeOf({ time: RECEIVED + offsetMs, window }) !== null).toBe(isAccepted);
    const history = timeOf({ time: RECEIVED + offsetMs, window, isTimeFree: true });
    expect(history !== null).toBe(offsetMs <= window.futureMs);
  });

  it('keeps the time as the client gave it', () => {
    expect(timeOf({ time: RECEIVED - DAY, flushTime: RECEIVED - DAY })).toEqual({
      time: RECEIVED,
      clientTime: RECEIVED - DAY,
    });
  });
});
