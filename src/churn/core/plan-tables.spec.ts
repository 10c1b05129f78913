import type { FittedDefinition } from './definition.js';
import { planTables } from './plan-tables.js';
import type { TableSql } from './table.js';

const DAY_MS = 86_400_000;
const asOf = Date.UTC(2026, 2, 1);
const at = { projectId: 1, timeZone: 'Asia/Shanghai', asOf };
const activity = { event: 'pay' };

/** The latest moment that a query names, ms since 1970. */
function latestMoment(table: TableSql | undefined): number {
  const times = Object.values(table?.params ?? {}).filter((value) => /^\d{4}-\d\d-\d\d /.test(String(value)));
  return Math.max(...times.map((time) => Date.parse(`${String(time).replace(' ', 'T')}Z`)));
}

describe('The tables of a run', () => {
  it.each<[string, FittedDefinition]>([
    ['rfm', { kind: 'rfm', activity }],
    ['bg_nbd', { kind: 'bg_nbd', activity, unit: 'week', horizonDays: 90, holdoutDays: 30, penalty: 0 }],
    ['logistic', { kind: 'logistic', activity, churnDays: 14, lookbackDays: 60, penalty: 0.001 }],
  ])('never ask for anything later than the moment of a run of %s', (_, definition) => {
    for (const table of Object.values(planTables(definition, 'train', at)))
      expect(latestMoment(table)).toBeLessThanOrEqual(asOf);
    expect(Object.keys(planTables(definition, 'score', at))).toEqual(['score']);
  });

  it('let no label of the training reach into the days that the model is judged on', () => {
    const definition = {
      kind: 'logistic',
      activity,
      churnDays: 14,
      lookbackDays: 60,
      penalty: 0.001,
    } as const;
    const { train, validate, score } = planTables(definition, 'train', at);
    expect(latestMoment(train)).toBe(asOf - 14 * DAY_MS);
    expect(latestMoment(validate)).toBe(asOf);
    expect(latestMoment(score)).toBe(asOf);
    expect(train?.columns.at(-1)).toBe('churned');
    expect(score?.columns).not.toContain('churned');
  });

  it('fit on the users they score where nothing is held out', () => {
    const definition = { kind: 'bg_nbd', activity, unit: 'day', horizonDays: 90, penalty: 0 } as const;
    expect(Object.keys(planTables(definition, 'train', at))).toEqual(['score']);
  });
});
