import { fillHours, firstHour } from './hour-buckets.js';

const HOUR = 3_600_000;

describe('the last hours', () => {
  it.each([
    ['in the middle of an hour', Date.UTC(2030, 0, 2, 10, 30), Date.UTC(2030, 0, 1, 11)],
    ['on the hour', Date.UTC(2030, 0, 2, 10), Date.UTC(2030, 0, 1, 11)],
  ])('24 of them end with the present one: %s', (_case, now, first) => {
    expect(firstHour(now, 24)).toBe(first);
  });

  it('counts zero for an hour in which nothing happened', () => {
    const from = Date.UTC(2030, 0, 1);
    expect(fillHours([{ hour: from + HOUR, events: 5, users: 2 }], from, 3)).toEqual([
      { hour: from, events: 0, users: 0 },
      { hour: from + HOUR, events: 5, users: 2 },
      { hour: from + 2 * HOUR, events: 0, users: 0 },
    ]);
  });
});
