import { describeTimeFault, toRecordTime } from './record-time.js';

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
    expect(timeOf(raw)).toMatchObject({ time: expected });
  });

  it.each([
    ['words', { time: 'yesterday' }, 'invalid_time'],
    ['12 digits', { time: 170_000_000_000 }, 'invalid_time'],
    ['14 digits', { time: 17_000_000_000_000 }, 'invalid_time'],
    ['a negative number', { time: -1_700_000_000_000 }, 'invalid_time'],
    ['zero', { time: 0 }, 'invalid_time'],
    ['more than a number holds', { time: Number.POSITIVE_INFINITY }, 'invalid_time'],
    ['an object', { time: {} }, 'invalid_time'],
    ['more than two years ago', { time: RECEIVED - 732 * DAY }, 'time_too_old'],
    ['more than an hour ahead', { time: RECEIVED + 3_700_000 }, 'time_too_far_ahead'],
    ['history of the future', { time: RECEIVED + 3_700_000, isTimeFree: true }, 'time_too_far_ahead'],
    [
      'the year 2286',
      { time: 9_999_999_999_999, flushTime: 9_999_999_999_999 - 100 * DAY },
      'time_too_far_ahead',
    ],
  ])('refuses %s', (_name, raw, fault) => {
    expect(timeOf(raw)).toBe(fault);
  });

  it.each([
    ['as late as allowed', -2 * DAY, null],
    ['later than allowed', -2 * DAY - 1, 'time_too_old'],
    ['as far ahead as allowed', 60_000, null],
    ['farther ahead than allowed', 60_001, 'time_too_far_ahead'],
  ])('keeps to the window: %s', (_name, offsetMs, fault) => {
    const window = { lateMs: 2 * DAY, futureMs: 60_000 };
    const time = RECEIVED + offsetMs;
    expect(timeOf({ time, window })).toEqual(fault ?? { time, clientTime: time });
    const history = timeOf({ time, window, isTimeFree: true });
    expect(history).toEqual(fault === 'time_too_far_ahead' ? fault : { time, clientTime: time });
  });

  it('says how far a time was allowed to be', () => {
    const window = { lateMs: 2 * DAY, futureMs: 60_000 };
    expect(describeTimeFault('time_too_old', window, '')).toContain('2 days before');
    expect(describeTimeFault('time_too_far_ahead', window, '')).toContain('1 minutes after');
    expect(describeTimeFault('invalid_time', window, 'Ten digits.')).toBe('Ten digits.');
  });

  it('keeps the time as the client gave it', () => {
    expect(timeOf({ time: RECEIVED - DAY, flushTime: RECEIVED - DAY })).toEqual({
      time: RECEIVED,
      clientTime: RECEIVED - DAY,
    });
  });
});
