import { isCron, isTimeZone, lastDue, nextRun } from './next-run.js';

const NEW_YORK = 'America/New_York';

function dueAfter(cron: string, timeZone: string, after: string, count = 1): string[] {
  const due: string[] = [];
  let atMs = Date.parse(after);
  while (due.length < count) {
    atMs = nextRun({ cron, timeZone }, atMs) ?? Number.NaN;
    due.push(new Date(atMs).toISOString());
  }
  return due;
}

describe('nextRun', () => {
  it.each([
    [
      'a due moment is not its own successor',
      '0 * * * *',
      'UTC',
      '2026-03-07T12:00:00Z',
      ['2026-03-07T13:00:00.000Z'],
    ],
    ['the last ms before is', '0 * * * *', 'UTC', '2026-03-07T11:59:59.999Z', ['2026-03-07T12:00:00.000Z']],
    ['a zone shifts it', '0 9 * * *', 'Asia/Shanghai', '2026-03-07T12:00:00Z', ['2026-03-08T01:00:00.000Z']],
    [
      'a local time that is skipped is due right after the skip',
      '30 2 * * *',
      NEW_YORK,
      '2026-03-07T12:00:00Z',
      ['2026-03-08T07:00:00.000Z', '2026-03-09T06:30:00.000Z'],
    ],
    [
      'a local time that comes twice is due once',
      '30 1 * * *',
      NEW_YORK,
      '2026-10-31T12:00:00Z',
      ['2026-11-01T05:30:00.000Z', '2026-11-02T06:30:00.000Z'],
    ],
    [
      'every hour means both of the repeated hours',
      '0 * * * *',
      NEW_YORK,
      '2026-11-01T04:30:00Z',
      ['2026-11-01T05:00:00.000Z', '2026-11-01T06:00:00.000Z', '2026-11-01T07:00:00.000Z'],
    ],
    [
      'every hour leaves out the skipped one without a gap',
      '0 * * * *',
      NEW_YORK,
      '2026-03-08T06:30:00Z',
      ['2026-03-08T07:00:00.000Z', '2026-03-08T08:00:00.000Z'],
    ],
    [
      'half-hour changes of the clock work too',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T12:00:00Z',
      ['2026-10-03T15:30:00.000Z', '2026-10-04T15:15:00.000Z'],
    ],
  ])('%s', (_, cron, timeZone, after, expected) => {
    expect(dueAfter(cron, timeZone, after, expected.length)).toEqual(expected);
  });
});

describe('isCron', () => {
  it.each([
    ['*/15 8-20 * * 1-5', true],
    ['0 9 L * *', true],
    ['0 9 * *', false],
    ['0 0 9 * * *', false],
    ['61 * * * *', false],
    ['0 0 30 2 *', false],
    ['@daily', false],
    ['2026-05-05T00:00:00', false],
    ['', false],
  ])('%s: %s', (text, expected) => {
    expect(isCron(text)).toBe(expected);
  });
});

describe('isTimeZone', () => {
  it.each([
    ['Asia/Shanghai', true],
    ['UTC', true],
    ['Mars/Olympus', false],
    ['', false],
  ])('%s: %s', (text, expected) => {
    expect(isTimeZone(text)).toBe(expected);
  });
});

describe('lastDue', () => {
  const hourly = { cron: '0 * * * *', timeZone: 'UTC' };
  const dueMs = Date.parse('2026-03-07T12:00:00Z');

  it.each([
    ['the moment itself where nothing was missed', '2026-03-07T12:00:05Z', '2026-03-07T12:00:00.000Z'],
    ['the latest of those that an outage missed', '2026-03-07T15:59:00Z', '2026-03-07T15:00:00.000Z'],
  ])('is %s', (_, now, expected) => {
    expect(new Date(lastDue(hourly, dueMs, Date.parse(now))).toISOString()).toBe(expected);
  });
});
