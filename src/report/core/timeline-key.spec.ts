import { formatTimelineKey, parseTimelineKey } from './timeline-key.js';

describe('a place on a timeline', () => {
  const key = { time: Date.UTC(2030, 0, 1), eventId: 'ab'.repeat(16) };

  it('reads what it wrote', () => {
    expect(parseTimelineKey(formatTimelineKey(key))).toEqual(key);
  });

  it.each(['', 'x', '1.2', `1.${'AB'.repeat(16)}`, `1e3.${key.eventId}`, `${key.time}.${key.eventId}.`])(
    'knows no place from %j',
    (text) => {
      expect(parseTimelineKey(text)).toBeNull();
    },
  );
});
