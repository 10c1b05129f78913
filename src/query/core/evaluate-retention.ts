import { isSystemEvent } from '../../kernel/event.js';
import { matchesFilters } from '../../kernel/property-filter.js';
import type { PastEvent, PersonHistory } from './evaluate-funnel.js';
import type { RetentionPlan, RetentionQuery } from './retention-query.js';
import type { RetentionCount } from './retention-table.js';

/**
 * Retention computed the plain way: it says what `compileRetention` means, and the twin test holds both against each
 * other.
 */
export function evaluateRetention(
  query: RetentionQuery,
  persons: readonly PersonHistory[],
  plan: RetentionPlan,
): RetentionCount[] {
  const counts = new Map<string, RetentionCount>();
  const count = (cohort: number, unit: number | null) => {
    const key = `${cohort}.${unit}`;
    counts.set(key, { cohort, unit, persons: (counts.get(key)?.persons ?? 0) + 1 });
  };
  for (const person of persons) {
    const began = beganAt(query, person, plan);
    if (began === null || !matchesFilters(query.profile ?? [], person.profile)) continue;
    const cohort = unitOf(began, plan);
    const units = [...new Set(returnsOf(query, person, began, plan).map((at) => unitOf(at, plan)))];
    count(cohort, null);
    for (const unit of query.mode === 'rolling' ? units.sort((a, b) => b - a).slice(0, 1) : units)
      count(cohort, unit);
  }
  return [...counts.values()];
}

function beganAt(query: RetentionQuery, { events }: PersonHistory, { span }: RetentionPlan): number | null {
  const times = events
    .filter(({ event, time }) => event === query.first.event && time < span.toMs)
    .filter(({ properties }) => matchesFilters(query.first.where ?? [], properties))
    .map(({ time }) => time)
    .filter((time) => query.newOnly || time >= span.fromMs);
  const first = Math.min(...times);
  return Number.isFinite(first) && first >= span.fromMs ? first : null;
}

function returnsOf(
  query: RetentionQuery,
  { events }: PersonHistory,
  began: number,
  { untilMs }: RetentionPlan,
): number[] {
  const isReturn = ({ event }: PastEvent) => query.return?.events?.includes(event) ?? !isSystemEvent(event);
  return events
    .filter(isReturn)
    .filter(({ time }) => time > began && time < untilMs)
    .filter(({ properties }) => matchesFilters(query.return?.where ?? [], properties))
    .map(({ time }) => time);
}

function unitOf(atMs: number, { starts }: RetentionPlan): number {
  return starts.findLastIndex((startMs) => startMs <= atMs);
}
