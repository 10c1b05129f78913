import { moveIntoWindow } from './send-window.js';

const DAY = { from: '09:00', to: '21:00' };
const NIGHT = { from: '20:00', to: '02:00' };

describe('moveIntoWindow', () => {
  it.each([
    ['no window lets everything go', '2026-03-01T03:00:00Z', null, 'UTC', '2026-03-01T03:00:00Z'],
    ['inside the window stays', '2026-03-01T09:00:00Z', DAY, 'UTC', '2026-03-01T09:00:00Z'],
    ['before the window waits for it', '2026-03-01T08:59:59Z', DAY, 'UTC', '2026-03-01T09:00:00Z'],
    ['after the window waits for tomorrow', '2026-03-01T21:00:00Z', DAY, 'UTC', '2026-03-02T09:00:00Z'],
    ['the clock is that of the zone', '2026-03-01T14:00:00Z', DAY, 'Asia/Shanghai', '2026-03-02T01:00:00Z'],
    ['a window over midnight is open at one', '2026-03-01T01:00:00Z', NIGHT, 'UTC', '2026-03-01T01:00:00Z'],
    ['a window over midnight is shut at three', '2026-03-01T03:00:00Z', NIGHT, 'UTC', '2026-03-01T20:00:00Z'],
    [
      'the night of the spring change is an hour shorter',
      '2026-03-28T22:00:00Z',
      DAY,
      'Europe/Berlin',
      '2026-03-29T07:00:00Z',
    ],
    [
      'the night of the autumn change is an hour longer',
      '2026-10-24T20:00:00Z',
      DAY,
      'Europe/Berlin',
      '2026-10-25T08:00:00Z',
    ],
    [
      'an opening that the clock change skips comes an hour later',
      '2026-03-28T23:00:00Z',
      { from: '02:30', to: '04:00' },
      'Europe/Berlin',
      '2026-03-29T01:30:00Z',
    ],
  ])('%s', (_sentence, at, window, zone, expected) => {
    expect(new Date(moveIntoWindow(Date.parse(at), window, zone)).toISOString()).toBe(
      new Date(expected).toISOString(),
    );
  });

  it('always ends inside the window or where the clock skipped it', () => {
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 7 * 3_600_000 + 1_234_567) {
      const moved = moveIntoWindow(at, DAY, 'America/New_York');
      const hour = Number(
        new Intl.DateTimeFormat('en-US', {
          timeZone: 'America/New_York',
          hour: 'numeric',
          hourCycle: 'h23',
        }).format(moved),
      );
      expect(hour).toBeGreaterThanOrEqual(9);
      expect(hour).toBeLessThan(21);
      expect(moved - at).toBeLessThan(13 * 3_600_000);
    }
  });
});
