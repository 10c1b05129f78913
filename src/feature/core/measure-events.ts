import type { JsonObject } from '../../kernel/json.js';
import { readProperty } from '../../kernel/property-filter.js';
import { DAY_MS, type EventFeature, type Measure, SESSION_PAUSE_MS, windowEnd } from './feature.js';

/** An event that a feature looks at; hour and weekday in the time zone of the project. */
export interface SeenEvent {
  event: string;
  time: number;
  properties: JsonObject;
  hour: number;
  weekday: number;
}

/** @returns null, NaN or an infinity where there is no value */
export function measureEvents(
  { measure, window }: EventFeature,
  events: readonly SeenEvent[],
  cutoff: number,
): number | null {
  const end = windowEnd(window);
  const ages = events.map(({ time }) => (cutoff - time) / DAY_MS);
  switch (measure.fn) {
    case 'count':
      return events.length;
    case 'days_since_first':
      return ages.length === 0 ? null : Math.max(...ages);
    case 'days_since_last':
      return ages.length === 0 ? null : Math.min(...ages);
    case 'active_days':
      return activeDays(ages).length;
    case 'streak':
      return longestRun(activeDays(ages));
    case 'gap':
      return gap(activeDays(ages), measure.stat, end);
    case 'slope':
      return window === 'all_time' ? null : slope(ages, window.last.days, end);
    case 'sessions':
      return sessions(events, measure.stat);
    case 'distinct':
      return new Set(varietyOf(measure, events)).size;
    case 'entropy':
      return entropy(varietyOf(measure, events));
    default:
      return ofNumbers(measure.fn, numbersOf(measure.property, events));
  }
}

/** Numbers of the days before the cutoff, 0 being the last, in ascending order. */
function activeDays(ages: readonly number[]): number[] {
  return [...new Set(ages.map((age) => Math.ceil(age) - 1))].sort((a, b) => a - b);
}

function differences(ascending: readonly number[]): number[] {
  return ascending.slice(1).map((value, index) => value - (ascending[index] ?? 0));
}

function longestRun(days: readonly number[]): number {
  let run = 0;
  let longest = 0;
  days.forEach((day, index) => {
    run = day - (days[index - 1] ?? Number.NaN) === 1 ? run + 1 : 1;
    longest = Math.max(longest, run);
  });
  return longest;
}

function gap(
  days: readonly number[],
  stat: 'mean' | 'stddev' | 'max' | 'current_ratio',
  end: number,
): number | null {
  const gaps = differences(days);
  switch (stat) {
    case 'mean':
      return mean(gaps);
    case 'stddev':
      return stddev(gaps);
    case 'max':
      return gaps.length === 0 ? null : Math.max(...gaps);
    case 'current_ratio':
      return ((days[0] ?? 0) - end) / mean(gaps);
  }
}

/** Least squares over the events of each day of the window. */
function slope(ages: readonly number[], days: number, end: number): number {
  const middle = (days - 1) / 2;
  let product = 0;
  let spread = 0;
  for (let day = 0; day < days; day++) {
    const count = ages.filter((age) => Math.ceil(age) - 1 - end === day).length;
    const x = days - 1 - day - middle;
    product += x * count;
    spread += x * x;
  }
  return product / spread;
}

function sessions(
  events: readonly SeenEvent[],
  stat: 'count' | 'mean_minutes' | 'mean_events',
): number | null {
  const pauses = differences(events.map(({ time }) => time).sort((a, b) => a - b));
  const count = events.length === 0 ? 0 : 1 + pauses.filter((pause) => pause > SESSION_PAUSE_MS).length;
  if (stat === 'count') return count;
  if (stat === 'mean_events') return events.length / count;
  return sum(pauses.filter((pause) => pause <= SESSION_PAUSE_MS)) / 60_000 / count;
}

function varietyOf(
  { over }: Extract<Measure, { fn: 'distinct' | 'entropy' }>,
  events: readonly SeenEvent[],
): (string | number | boolean)[] {
  if (over === 'event') return events.map(({ event }) => event);
  if (over === 'hour') return events.map(({ hour }) => hour);
  return events.flatMap(({ properties }) => {
    const value = readProperty(properties, over.property);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [value]
      : [];
  });
}

/** Shannon's, in bits. */
function entropy(values: readonly (string | number | boolean)[]): number | null {
  if (values.length === 0) return null;
  const counts = new Map<string | number | boolean, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return sum(
    [...counts.values()].map((count) => -(count / values.length) * Math.log2(count / values.length)),
  );
}

function numbersOf(property: string, events: readonly SeenEvent[]): number[] {
  return events
    .map(({ properties }) => readProperty(properties, property))
    .filter((value) => typeof value === 'number');
}

function ofNumbers(
  fn: 'sum' | 'avg' | 'min' | 'max' | 'stddev' | 'median',
  numbers: readonly number[],
): number | null {
  switch (fn) {
    case 'sum':
      return sum(numbers);
    case 'avg':
      return mean(numbers);
    case 'min':
      return numbers.length === 0 ? null : Math.min(...numbers);
    case 'max':
      return numbers.length === 0 ? null : Math.max(...numbers);
    case 'stddev':
      return stddev(numbers);
    case 'median': {
      const sorted = [...numbers].sort((a, b) => a - b);
      const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
      return low === undefined || high === undefined ? null : (low + high) / 2;
    }
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}

/** Of a sample: nothing of fewer than two. */
function stddev(numbers: readonly number[]): number {
  if (numbers.length < 2) return Number.NaN;
  const average = mean(numbers);
  return Math.sqrt(sum(numbers.map((value) => (value - average) ** 2)) / (numbers.length - 1));
}
