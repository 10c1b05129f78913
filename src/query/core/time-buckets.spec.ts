import { type Bucket, bucketStarts, estimateBuckets, labelOf } from './time-buckets.js';

const HOUR_MS = 3_600_000;

function startsOf(bucket: Bucket, from: string, to: string, timeZone: string): string[] {
  const span = { fromMs: Date.parse(from), toMs: Date.parse(to) };
  return bucketStarts(bucket, span, timeZone).map((at) => new Date(at).toISOString());
}

function lengthsOf(bucket: Bucket, from: string, to: string, timeZone: string): number[] {
  const starts = startsOf(bucket, from, to, timeZone).map((text) => Date.parse(text));
  return starts.slice(1).map((at, index) => (at - (starts[index] ?? 0)) / HOUR_MS);
}

describe('Buckets', () => {
  it('begin at midnight of the zone, the first before the span where it begins within a day', () => {
    expect(startsOf('day', '2026-03-01T10:00:00Z', '2026-03-03T00:00:00Z', 'Asia/Shanghai')).toEqual([
      '2026-02-28T16:00:00.000Z',
      '2026-03-01T16:00:00.000Z',
      '2026-03-02T16:00:00.000Z',
    ]);
  });

  it.each([
    ['23 hours when the clocks go forward', '2026-03-07', '2026-03-10', 'America/New_York', [24, 23, 24]],
    ['25 hours when they go back', '2026-10-31', '2026-11-03', 'America/New_York', [24, 25, 24]],
    ['23 hours where midnight itself is skipped', '2026-04-23', '2026-04-26', 'Africa/Cairo', [24, 23, 24]],
    ['25 hours where midnight comes twice', '2026-10-31', '2026-11-03', 'America/Havana', [24, 25, 24]],
    [
      'no length at all where a zone leaves the day out',
      '2011-12-29',
      '2012-01-02',
      'Pacific/Apia',
      [24, 24],
    ],
  ])('of a day have %s', (_case, from, to, timeZone, expected) => {
    const at = (date: string) => `${date}T12:00:00Z`;
    expect(lengthsOf('day', at(from), at(to), timeZone).slice(0, expected.length)).toEqual(expected);
  });

  it('of an hour are two where the hour comes twice', () => {
    const starts = startsOf('hour', '2026-11-01T04:00:00Z', '2026-11-01T08:00:00Z', 'America/New_York');
    expect(starts.map((text) => labelOf('hour', Date.parse(text), 'America/New_York'))).toEqual([
      '2026-11-01 00:00',
      '2026-11-01 01:00',
      '2026-11-01 01:00',
      '2026-11-01 02:00',
    ]);
  });

  it.each([
    [
      'forward',
      '2026-10-03T13:00:00Z',
      [
        '2026-10-03 23:00',
        '2026-10-04 00:00',
        '2026-10-04 01:00',
        '2026-10-04 02:30',
        '2026-10-04 03:00',
        '2026-10-04 04:00',
      ],
    ],
    [
      'back',
      '2026-04-04T12:00:00Z',
      [
        '2026-04-04 23:00',
        '2026-04-05 00:00',
        '2026-04-05 01:00',
        '2026-04-05 01:30',
        '2026-04-05 02:00',
        '2026-04-05 03:00',
      ],
    ],
  ])('of an hour follow clocks that go %s by half an hour', (_case, from, expected) => {
    const to = new Date(Date.parse(from) + 5 * HOUR_MS).toISOString();
    const starts = startsOf('hour', from, to, 'Australia/Lord_Howe');
    expect(starts.map((text) => labelOf('hour', Date.parse(text), 'Australia/Lord_Howe'))).toEqual(expected);
  });

  it('of an hour begin at the full hour of a zone that is off by 45 minutes', () => {
    expect(startsOf('hour', '2026-03-01T10:20:00Z', '2026-03-01T12:00:00Z', 'Asia/Kathmandu')).toEqual([
      '2026-03-01T10:15:00.000Z',
      '2026-03-01T11:15:00.000Z',
    ]);
  });

  it.each<[Bucket, string[]]>([
    ['week', ['2026-02-23', '2026-03-02', '2026-03-09']],
    ['month', ['2026-02', '2026-03']],
    ['minute', []],
  ])('of a %s are named by the wall clock', (bucket, expected) => {
    const [from, to] = bucket === 'minute' ? ['2026-03-01', '2026-03-01'] : ['2026-02-28', '2026-03-10'];
    const starts = startsOf(bucket, `${from}T12:00:00Z`, `${to}T12:00:00Z`, 'Europe/Berlin');
    expect(starts.map((text) => labelOf(bucket, Date.parse(text), 'Europe/Berlin'))).toEqual(expected);
  });

  it.each<[Bucket]>([['minute'], ['hour'], ['day'], ['week'], ['month']])(
    'of a %s follow each other without a gap, and are no more than estimated',
    (bucket) => {
      for (const timeZone of [
        'UTC',
        'America/New_York',
        'Asia/Kathmandu',
        'Australia/Lord_Howe',
        'Africa/Cairo',
      ]) {
        const span = {
          fromMs: Date.parse('2026-03-06T11:11:11.111Z'),
          toMs: Date.parse('2026-03-09T23:00:00Z'),
        };
        const starts = bucketStarts(bucket, span, timeZone);
        expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
        expect(starts[0]).toBeLessThanOrEqual(span.fromMs);
        expect(starts.length).toBeLessThanOrEqual(estimateBuckets(bucket, span));
      }
    },
  );
});
