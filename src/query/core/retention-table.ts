import type { RetentionPlan, RetentionQuery } from './retention-query.js';

export interface RetentionCell {
  period: number;
  /** Persons who came back. */
  persons: number;
  /** Of the cohort; null where nobody is in it. */
  share: number | null;
  /** Whether the period is over. */
  isComplete: boolean;
}

export interface RetentionCohort {
  startMs: number;
  persons: number;
  /** Periods that have begun; later ones are left out. */
  periods: RetentionCell[];
}

export interface RetentionTable {
  cohorts: RetentionCohort[];
  /** All cohorts together whose period is over; `of`: how many persons are in these. */
  overall: { period: number; of: number; persons: number; share: number | null }[];
}

/** Persons of a cohort who came back in a unit; both are places in `starts`. `unit` null: all who are in the cohort. */
export interface RetentionCount {
  cohort: number;
  unit: number | null;
  persons: number;
}

/**
 * Puts counts together to a table.
 * @param counts bounded: once for each unit that a person came back in; rolling: for the last such unit only
 */
export function tabulateRetention(
  query: RetentionQuery,
  plan: RetentionPlan,
  counts: readonly RetentionCount[],
): RetentionTable {
  const sizes = new Map<number, number>();
  const returned = new Map<string, number>();
  for (const { cohort, unit, persons } of counts) {
    if (unit === null) sizes.set(cohort, persons);
    else if (query.mode === 'rolling') {
      for (let before = cohort; before <= unit; before++)
        add(returned, `${cohort}.${before - cohort}`, persons);
    } else add(returned, `${cohort}.${unit - cohort}`, persons);
  }
  const cohorts = plan.starts.slice(0, plan.cohorts).map((startMs, cohort) => {
    const size = sizes.get(cohort) ?? 0;
    const begun = Math.min(query.periods + 1, plan.starts.length - cohort);
    const periods = Array.from({ length: begun }, (_, period) => {
      const persons = returned.get(`${cohort}.${period}`) ?? 0;
      const isComplete = cohort + period + 1 < plan.starts.length;
      return { period, persons, share: share(persons, size), isComplete };
    });
    return { startMs, persons: size, periods };
  });
  return { cohorts, overall: sumUp(query, cohorts) };
}

function sumUp(query: RetentionQuery, cohorts: readonly RetentionCohort[]): RetentionTable['overall'] {
  return Array.from({ length: query.periods + 1 }, (_, period) => {
    const over = cohorts.filter(({ periods }) => periods[period]?.isComplete);
    const of = over.reduce((sum, cohort) => sum + cohort.persons, 0);
    const persons = over.reduce((sum, { periods }) => sum + (periods[period]?.persons ?? 0), 0);
    return { period, of, persons, share: share(persons, of) };
  });
}

function add(map: Map<string, number>, key: string, amount: number): void {
  map.set(key, (map.get(key) ?? 0) + amount);
}

function share(persons: number, of: number): number | null {
  return of === 0 ? null : persons / of;
}
