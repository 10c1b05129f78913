import { type EventFeature, eventFeaturesOf, type FeatureValue, type Measure, windowEnd } from './feature.js';

/** Fewer than 4,096 moments divide the time: a set has at most 400 features of at most two windows each. */
const SLOT_BITS = 12;
const SLOT = `bitAnd(x, ${2 ** SLOT_BITS - 1})`;

export type Variety = Extract<Measure, { fn: 'distinct' | 'entropy' }>;
export type VarietyFeature = EventFeature & { measure: Variety };

/** What the writer of measures lends. */
interface Writer {
  /** What a row has to meet, whenever it was. */
  source: (feature: VarietyFeature) => string[];
  daysAgo: (days: number) => string;
  /** The 64-bit hash of a row's value; 0 where it has none. */
  hash: (measure: Variety) => string;
  /** The column that holds an aggregate. */
  column: (aggregate: string) => string;
}

/** A window as the stretches of time between two moments that it covers. */
interface Slots {
  from: number;
  to: number;
  isAll: boolean;
}

/**
 * Writes how many different values there are, and how evenly they are spread.
 *
 * However many windows ask, the values of a person are one sorted array of numbers, each the hash of a value with the
 * stretch of time in which it happened: the same values lie side by side, the latest one first. An array is a fraction
 * of what a set or a map for each window costs. The 52 bits of the hash that are left stand for the value.
 */
export class VarietySql {
  /** By source and value: the moments, in days before the cutoff, at which a window begins or ends. */
  private readonly edges = new Map<string, number[]>();

  constructor(
    values: readonly FeatureValue[],
    private readonly writer: Writer,
  ) {
    for (const feature of values.flatMap(eventFeaturesOf)) {
      if (!isVariety(feature)) continue;
      const key = this.keyOf(feature);
      const { from, to } = reach(feature);
      this.edges.set(
        key,
        [...new Set([...(this.edges.get(key) ?? []), from, to])].sort((a, b) => a - b),
      );
    }
  }

  write(feature: VarietyFeature): string {
    const all = this.sorted(feature);
    const slots = this.slotsOf(feature);
    if (feature.measure.fn === 'entropy') return entropy(within(all, slots));
    // Of one value the latest comes first: it says whether there is any in a window that has no end before the cutoff.
    if (slots.isAll || slots.from > 0) return `length(${firsts(within(all, slots))})`;
    return `arrayCount(x -> ${SLOT} <= ${slots.to}, ${firsts(all)})`;
  }

  private sorted(feature: VarietyFeature): string {
    const { source, hash, daysAgo, column } = this.writer;
    const value = hash(feature.measure);
    const edges = this.edgesOf(feature);
    const depth = edges.at(-1) ?? Infinity;
    const slot = edges.filter((days) => days > 0 && days < depth).map((days) => `(time < ${daysAgo(days)})`);
    const rows = [
      ...source(feature),
      ...(depth === Infinity ? [] : [`time >= ${daysAgo(depth)}`]),
      ...(feature.measure.over === 'event' ? [] : [`${value} != 0`]),
    ];
    const shifted = `bitShiftLeft(${value}, ${SLOT_BITS})`;
    const packed = slot.length === 0 ? shifted : `bitOr(${shifted}, ${slot.join(' + ')})`;
    return column(`arraySort(groupArrayIf(${packed}, ${rows.join(' AND ')}))`);
  }

  private slotsOf(feature: VarietyFeature): Slots {
    const bounds = this.edgesOf(feature).filter((days) => days > 0);
    const { from: end, to: depth } = reach(feature);
    const from = end === 0 ? 0 : bounds.indexOf(end) + 1;
    const to = bounds.indexOf(depth);
    return { from, to, isAll: from === 0 && to === bounds.length - 1 };
  }

  private edgesOf(feature: VarietyFeature): readonly number[] {
    return this.edges.get(this.keyOf(feature)) ?? [];
  }

  private keyOf(feature: VarietyFeature): string {
    return JSON.stringify([this.writer.source(feature), feature.measure.over]);
  }
}

/** Whether a feature is of values, not of hours, which are few. */
export function isVariety(feature: EventFeature): feature is VarietyFeature {
  const { measure } = feature;
  return (measure.fn === 'distinct' || measure.fn === 'entropy') && measure.over !== 'hour';
}

/** From when to when before the cutoff, in days. */
function reach({ window }: EventFeature): { from: number; to: number } {
  const from = windowEnd(window);
  return { from, to: window === 'all_time' ? Infinity : from + window.last.days };
}

function within(all: string, { from, to, isAll }: Slots): string {
  const bounds = [...(from === 0 ? [] : [`${SLOT} >= ${from}`]), `${SLOT} <= ${to}`];
  return isAll ? all : `arrayFilter(x -> ${bounds.join(' AND ')}, ${all})`;
}

/** The first number of each value. */
function firsts(values: string): string {
  return `arrayCompact(x -> bitShiftRight(x, ${SLOT_BITS}), ${values})`;
}

/** Exactly 0 of a single value; null of none. */
function entropy(values: string): string {
  const total = `length(${values})`;
  const starts = `arrayFilter((i, x, previous) -> bitShiftRight(x, ${SLOT_BITS}) != bitShiftRight(previous, ${SLOT_BITS}), arrayEnumerate(${values}), ${values}, arrayShiftRight(${values}, 1))`;
  const runs = `arrayPopFront(arrayDifference(arrayPushBack(${starts}, ${total} + 1)))`;
  return `if(empty(${values}), NULL, arraySum(n -> n * (log2(${total}) - log2(n)), ${runs}) / ${total})`;
}
