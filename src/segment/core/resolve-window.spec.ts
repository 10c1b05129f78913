import { isWithin, resolveWindow } from './resolve-window.js';
import type { FixedWindow } from './window.js';

const at = { asOf: Date.parse('2026-03-10T12:00:00Z'), timeZone: 'Asia/Shanghai' };
const HOUR_MS = 3_600_000;
const cases: [string, FixedWindow, string, boolean][] = [
  ['the moment itself counts', { last: { days: 1 } }, '2026-03-10T12:00:00.000Z', true],
  ['nothing later than the moment counts', { last: { days: 1 } }, '2026-03-10T12:00:00.001Z', false],
  ['exactly a day ago is too old', { last: { days: 1 } }, '2026-03-09T12:00:00.000Z', false],
  ['a ms less than a day ago counts', { last: { days: 1 } }, '2026-03-09T12:00:00.001Z', true],
  ['90 minutes', { last: { minutes: 90 } }, '2026-03-10T10:30:00.001Z', true],
  ['2 hours', { last: { hours: 2 } }, '2026-03-10T10:00:00.000Z', false],
  ['a date begins in the zone', { from: '2026-03-01', to: '2026-03-02' }, '2026-02-28T16:00:00.000Z', true],
  ['and not before', { from: '2026-03-01', to: '2026-03-02' }, '2026-02-28T15:59:59.999Z', false],
  ['the end is left out', { from: '2026-03-01', to: '2026-03-02' }, '2026-03-01T16:00:00.000Z', false],
  [
    'a window never reaches beyond the moment',
    { from: '2026-03-01', to: '2027-01-01' },
    '2026-03-10T12:00:00.001Z',
    false,
  ],
  [
    'a window that begins later is empty',
    { from: '2026-04-01', to: '2026-04-02' },
    '2026-04-01T12:00:00.000Z',
    false,
  ],
  [
    'a period that ended a day ago',
    { last: { days: 1 }, before: { days: 1 } },
    '2026-03-09T12:00:00.000Z',
    true,
  ],
  ['and nothing later', { last: { days: 1 }, before: { days: 1 } }, '2026-03-09T12:00:00.001Z', false],
  ['today began at midnight of the zone', { calendar: { days: 1 } }, '2026-03-09T16:00:00.000Z', true],
  ['and not before', { calendar: { days: 1 } }, '2026-03-09T15:59:59.999Z', false],
  ['this week began on Monday', { calendar: { weeks: 1 } }, '2026-03-08T16:00:00.000Z', true],
  [
    'last month began on its first',
    { calendar: { months: 1 }, complete: true },
    '2026-01-31T16:00:00.000Z',
    true,
  ],
  [
    'and ended before this one',
    { calendar: { months: 1 }, complete: true },
    '2026-02-28T16:00:00.000Z',
    false,
  ],
  ['the whole history has no beginning', 'all_time', '1970-01-01T00:00:00.000Z', true],
];

describe('A window', () => {
  it.each(cases)('%s', (_, window, time, expected) => {
    expect(isWithin(resolveWindow(window, at), Date.parse(time))).toBe(expected);
  });

  it('gives a calendar day 23 hours where the clocks skip one', () => {
    const asOf = Date.parse('2026-03-09T12:00:00Z');
    const range = resolveWindow(
      { calendar: { days: 1 }, complete: true },
      { asOf, timeZone: 'America/New_York' },
    );
    expect(range.untilMs - (range.afterMs ?? 0)).toBe(23 * HOUR_MS);
  });

  it('counts a day as 24 hours, whatever the clocks do', () => {
    const range = resolveWindow({ last: { days: 30 } }, { ...at, timeZone: 'America/New_York' });
    expect(range.untilMs - (range.afterMs ?? 0)).toBe(30 * 24 * HOUR_MS);
  });
});
