import { compileCounts, countsHold } from './compile-counts.js';
import { EVENTS_QUERY } from './events-query.js';
import { bucketStarts } from './time-buckets.js';
import { resolveRange } from './time-range.js';

const NOW_MS = Date.parse('2026-03-10T12:07:31.005Z');

function compile(body: Record<string, unknown>, timeZone = 'UTC') {
  const at = { nowMs: NOW_MS, timeZone };
  const query = EVENTS_QUERY.parse(body);
  const span = resolveRange(query.range, at);
  const starts = query.bucket ? bucketStarts(query.bucket, span, timeZone) : null;
  return compileCounts(query, { projectId: 1, span, starts }, at.nowMs);
}

describe('Counts of quarters of an hour', () => {
  const range = { calendar: { days: 7 } };
  const filter = { property: 'amount', op: 'equals', value: 1 };

  it.each<[string, Record<string, unknown>, string]>([
    ['counts of all events until now', { range }, 'UTC'],
    [
      'counts of some, more than once',
      { range, events: ['a', 'b'], measures: [{ fn: 'count' }, { fn: 'count' }] },
      'UTC',
    ],
    ['hours', { range, bucket: 'hour' }, 'America/New_York'],
    ['days of a zone that is off by half an hour', { range, bucket: 'day' }, 'Asia/Kolkata'],
    ['days of a zone that is off by a quarter', { range, bucket: 'day' }, 'Asia/Kathmandu'],
    [
      'hours where the clocks change by half an hour',
      { range: { from: '2025-04-05', to: '2025-04-07' }, bucket: 'hour' },
      'Australia/Lord_Howe',
    ],
    [
      'a span from quarter to quarter',
      { range: { from: '2026-03-01T00:15:00Z', to: '2026-03-02T10:30:00+05:45' } },
      'UTC',
    ],
  ])('answer %s', (_, body, timeZone) => {
    expect(compile(body, timeZone)).not.toBeNull();
  });

  it.each<[string, Record<string, unknown>]>([
    ['persons', { range, measures: [{ fn: 'count' }, { fn: 'persons' }] }],
    ['filtered events', { range, where: [filter] }],
    ['events of filtered persons', { range, profile: [filter] }],
    ['groups', { range, groupBy: [{ by: 'event' }] }],
    ['minutes', { range: { last: { hours: 1 } }, bucket: 'minute' }],
    ['the last 24 hours', { range: { last: { hours: 24 } } }],
    [
      'a span that ends within a quarter that is over',
      { range: { from: '2026-03-01', to: '2026-03-02T10:20:00Z' } },
    ],
  ])('do not answer %s', (_, body) => {
    expect(compile(body)).toBeNull();
  });

  it('hold unless an event is later than now', () => {
    const plan = { span: { fromMs: 0, toMs: 1_000 } };
    expect(countsHold([], plan)).toBe(true);
    expect(countsHold([{ m1: 5, lastMs: 999 }], plan)).toBe(true);
    expect(
      countsHold(
        [
          { m1: 5, lastMs: 0 },
          { m1: 1, lastMs: 1_000 },
        ],
        plan,
      ),
    ).toBe(false);
  });
});
