import { fromIsoTime } from './iso-time.js';

describe('fromIsoTime', () => {
  it.each([
    ['2026-05-01T12:00:00.123Z', Date.UTC(2026, 4, 1, 12, 0, 0, 123)],
    ['2026-05-01T12:00:00+08:00', Date.UTC(2026, 4, 1, 4)],
    ['2026-05-01T12:00:00+0800', Date.UTC(2026, 4, 1, 4)],
    ['2026-05-01T12:00:00.123456', Date.UTC(2026, 4, 1, 12, 0, 0, 123)],
    ['2026-05-01 12:00', Date.UTC(2026, 4, 1, 12)],
    ['2026-05-01', Date.UTC(2026, 4, 1)],
    ['2026-13-01', '2026-13-01'],
    ['1970-02-01T00:00:00Z', '1970-02-01T00:00:00Z'],
    ['yesterday', 'yesterday'],
    ['1777636800000', '1777636800000'],
    [1777636800000, 1777636800000],
    [undefined, undefined],
    [null, null],
  ])('of %j is %j', (raw, expected) => {
    expect(fromIsoTime(raw)).toBe(expected);
  });
});
