import {
  explainTooManyRows,
  laneOf,
  limitsOf,
  memberLimitText,
  readEstimate,
  toForecast,
} from './forecast.js';

const INSTALLATION = { maxRows: 1_000, maxMembers: 100 };
const forecastOf = (rows: number) => toForecast([{ table: 'event', rows }], {});

describe('a forecast', () => {
  it('adds up tables, and counts what is read of each row', () => {
    const tables = [
      { table: 'event', rows: 10 },
      { table: 'profile', rows: 5 },
      { table: 'segment_member', rows: 1 },
    ];
    expect(toForecast(tables, { p1: 7, p2: 'pay' })).toEqual({ rows: 16, bytes: 15 * 21 + 16, tables });
    expect(toForecast(tables, { p1: 'properties.amount' }).bytes).toBe(15 * (21 + 24) + 16);
  });

  it('reads each table once out of the estimate of ClickHouse', () => {
    const text = 'rekindle\tprofile\t1\t5\t1\nrekindle\tevent\t2\t16384\t2\nrekindle\tprofile\t1\t7\t1\n';
    expect(readEstimate(text)).toEqual([
      { table: 'event', rows: 16_384 },
      { table: 'profile', rows: 12 },
    ]);
    expect(readEstimate('')).toEqual([]);
  });

  it.each([
    [99, 'light'],
    [100, 'heavy'],
  ])('of %i rows is a %s run where 100 are heavy', (rows, lane) => {
    expect(laneOf(forecastOf(rows), 100)).toBe(lane);
  });

  it('within the limit is told nothing about', () => {
    const limits = limitsOf(INSTALLATION, { maxRows: null, maxMembers: null });
    expect(explainTooManyRows(forecastOf(1_000), limits)).toBeNull();
  });

  it('above the limit names whose limit it is, and what to change', () => {
    const byProject = limitsOf(INSTALLATION, { maxRows: 10, maxMembers: null });
    expect(explainTooManyRows(forecastOf(11), byProject)).toBe(
      "It would read about 11 rows; the project's limit maxRows is 10. Shorten the windows, name fewer events, or have the limit raised.",
    );
    const byInstallation = limitsOf(INSTALLATION, { maxRows: 5_000, maxMembers: 7 });
    expect(byInstallation.maxRows).toBe(1_000);
    expect(explainTooManyRows(forecastOf(1_001), byInstallation)).toContain('SEGMENT_MAX_ROWS is 1000');
    expect(memberLimitText(byInstallation)).toContain("the project's limit maxMembers is 7");
  });
});
