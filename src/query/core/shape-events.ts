import type { Json } from '../../kernel/json.js';
import type { EventsRow } from './compile-events.js';
import { type EventsQuery, isZeroOfNothing, type Measure, measuresOf } from './events-query.js';
import { parseGroupValue } from './group.js';

/** One value of each measure, of one bucket and one group. */
export interface EventsPoint {
  /** Beginning of the bucket, ms since 1970; null where there are no buckets. */
  startMs: number | null;
  /** What the events were grouped by; nothing in it for the groups beyond the top. */
  group: Json[];
  isOther: boolean;
  values: (number | null)[];
}

export interface EventsTable {
  points: EventsPoint[];
  /** How many groups are counted together as others. */
  otherGroups: number;
}

/** Group by group, the greatest first and the others last, each with every bucket. */
export function shapeEvents(
  query: EventsQuery,
  starts: readonly number[] | null,
  rows: readonly EventsRow[],
): EventsTable {
  const measures = measuresOf(query);
  const isGrouped = query.groupBy !== undefined;
  const byPlace = new Map<number, EventsRow[]>();
  for (const row of rows) {
    const place = Number(row.place ?? 0);
    byPlace.set(place, [...(byPlace.get(place) ?? []), row]);
  }
  if (!isGrouped && byPlace.size === 0) byPlace.set(0, []);
  const places = [...byPlace.keys()].sort((a, b) => (a || Infinity) - (b || Infinity));
  const shown = places.filter((place) => place > 0).length;
  const total = Math.max(shown, ...rows.map((row) => Number(row.groups ?? 0)));
  return {
    points: places.flatMap((place) => {
      const found = byPlace.get(place) ?? [];
      const isOther = isGrouped && place === 0;
      const group = isGrouped && !isOther ? groupOf(query, found) : [];
      return fill(measures, starts, found).map((point) => ({ ...point, group, isOther }));
    }),
    otherGroups: total - shown,
  };
}

function groupOf(query: EventsQuery, [row]: readonly EventsRow[]): Json[] {
  return (query.groupBy ?? []).map((_, index) => parseGroupValue(String(row?.[`group${index + 1}`] ?? '')));
}

function fill(
  measures: readonly Measure[],
  starts: readonly number[] | null,
  rows: readonly EventsRow[],
): Pick<EventsPoint, 'startMs' | 'values'>[] {
  if (!starts) return [{ startMs: null, values: valuesOf(measures, rows[0]) }];
  const [firstMs = 0] = starts;
  const byStart = new Map(rows.map((row) => [firstMs + Number(row.bucket) * 1000, row]));
  return starts.map((startMs) => ({ startMs, values: valuesOf(measures, byStart.get(startMs)) }));
}

function valuesOf(measures: readonly Measure[], row: EventsRow | undefined): (number | null)[] {
  return measures.map((measure, index) => {
    const value = row?.[`m${index + 1}`];
    if (typeof value === 'number') return value;
    return row === undefined && isZeroOfNothing(measure) ? 0 : null;
  });
}
