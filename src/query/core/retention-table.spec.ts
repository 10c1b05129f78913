import { planRetention, RETENTION_QUERY, type RetentionQuery } from './retention-query.js';
import { type RetentionCount, tabulateRetention } from './retention-table.js';
import { resolveRange } from './time-range.js';

const AT = { nowMs: Date.parse('2026-03-10T12:00:00Z'), timeZone: 'America/New_York' };

function table(body: object, counts: RetentionCount[]) {
  const query: RetentionQuery = RETENTION_QUERY.parse({
    first: { event: 'view' },
    range: { from: '2026-03-07', to: '2026-03-11' },
    unit: 'day',
    periods: 2,
    ...body,
  });
  const plan = planRetention(query, resolveRange(query.range, AT), AT);
  return { plan, ...tabulateRetention(query, plan, counts) };
}

describe('A retention table', () => {
  it('has a row for each cohort, and a cell for each period that has begun', () => {
    const { cohorts } = table({}, [
      { cohort: 0, unit: null, persons: 4 },
      { cohort: 0, unit: 1, persons: 2 },
      { cohort: 2, unit: null, persons: 1 },
      { cohort: 2, unit: 3, persons: 1 },
    ]);
    expect(cohorts.map(({ startMs }) => new Date(startMs).toISOString())).toEqual([
      '2026-03-07T05:00:00.000Z',
      // The clocks go forward on this day.
      '2026-03-08T05:00:00.000Z',
      '2026-03-09T04:00:00.000Z',
      '2026-03-10T04:00:00.000Z',
    ]);
    expect(cohorts[0]?.periods).toEqual([
      { period: 0, persons: 0, share: 0, isComplete: true },
      { period: 1, persons: 2, share: 0.5, isComplete: true },
      { period: 2, persons: 0, share: 0, isComplete: true },
    ]);
    expect(cohorts[1]).toMatchObject({ persons: 0, periods: [{ share: null }, {}, { isComplete: false }] });
    expect(cohorts[2]?.periods).toEqual([
      { period: 0, persons: 0, share: 0, isComplete: true },
      { period: 1, persons: 1, share: 1, isComplete: false },
    ]);
    expect(cohorts[3]?.periods).toHaveLength(1);
  });

  it('sums up the cohorts whose period is over', () => {
    const { overall } = table({}, [
      { cohort: 0, unit: null, persons: 4 },
      { cohort: 0, unit: 1, persons: 1 },
      { cohort: 1, unit: null, persons: 6 },
      { cohort: 1, unit: 2, persons: 4 },
      { cohort: 2, unit: null, persons: 1 },
      { cohort: 2, unit: 3, persons: 1 },
    ]);
    expect(overall).toEqual([
      { period: 0, of: 11, persons: 0, share: 0 },
      { period: 1, of: 10, persons: 5, share: 0.5 },
      { period: 2, of: 4, persons: 0, share: 0 },
    ]);
  });

  it('counts a rolling return for every period until the last one', () => {
    const { cohorts } = table({ mode: 'rolling' }, [
      { cohort: 0, unit: null, persons: 4 },
      { cohort: 0, unit: 3, persons: 1 },
      { cohort: 0, unit: 1, persons: 2 },
    ]);
    expect(cohorts[0]?.periods.map(({ persons }) => persons)).toEqual([3, 3, 1]);
  });

  it('reads no further than its last period, unless it is rolling', () => {
    const range = { from: '2026-02-01', to: '2026-02-02' };
    expect(new Date(table({ range }, []).plan.untilMs).toISOString()).toBe('2026-02-04T05:00:00.000Z');
    expect(table({ range, mode: 'rolling' }, []).plan.untilMs).toBe(AT.nowMs);
  });
});
