import { SYSTEM_EVENTS } from '../../kernel/event.js';
import { PropertySql } from '../../kernel/property-sql.js';
import type { SqlParams } from '../../kernel/sql-params.js';
import {
  ANY_EVENT,
  DAY_MS,
  type EventFeature,
  eventFeaturesOf,
  type FeatureValue,
  MAX_SHAPE_DAYS,
  SESSION_PAUSE_MS,
  type Window,
  windowEnd,
} from './feature.js';
import { isVariety, type Variety, VarietySql } from './variety-sql.js';

/** As of when features are computed, and in whose time zone hours and weekdays are read. */
export interface MeasureContext {
  /** ms since 1970; only events before it are looked at. */
  cutoff: number;
  /** IANA name */
  timeZone: string;
}

/**
 * Writes what is measured over events as expressions over conditional aggregates of a person's rows.
 * The same aggregate is asked for once, however many features are made of it. An expression may give NaN where
 * there is no value.
 */
export class MeasureSql {
  readonly properties: PropertySql;
  private readonly columns = new Map<string, string>();
  private readonly sessionDays = new Map<string, number>();
  private readonly varieties: VarietySql;

  constructor(
    private readonly params: SqlParams,
    private readonly context: MeasureContext,
    values: readonly FeatureValue[],
  ) {
    this.properties = new PropertySql(params);
    for (const feature of values.flatMap(eventFeaturesOf)) {
      if (feature.measure.fn !== 'sessions' || feature.window === 'all_time') continue;
      const key = this.source(feature).join(' AND ');
      const days = windowEnd(feature.window) + feature.window.last.days;
      this.sessionDays.set(key, Math.max(days, this.sessionDays.get(key) ?? 0));
    }
    this.varieties = new VarietySql(values, {
      source: (feature) => this.source(feature),
      daysAgo: (days) => this.daysAgo(days),
      hash: ({ over }) => this.hashOf(over),
      column: (aggregate) => this.column(aggregate),
    });
  }

  /** The aggregates that the expressions so far are made of, as `<aggregate> AS <column>`. */
  aggregates(): string[] {
    return [...this.columns].map(([sql, name]) => `${sql} AS ${name}`);
  }

  /** The column that holds an aggregate. */
  column(aggregate: string): string {
    const name = this.columns.get(aggregate) ?? `a${this.columns.size + 1}`;
    this.columns.set(aggregate, name);
    return name;
  }

  write(feature: EventFeature): string {
    const { measure } = feature;
    switch (measure.fn) {
      case 'count':
        return this.column(`countIf(${this.rows(feature)})`);
      case 'days_since_first':
        return this.daysSince(this.column(`minOrNullIf(time, ${this.rows(feature)})`));
      case 'days_since_last':
        return this.daysSince(this.column(`maxOrNullIf(time, ${this.rows(feature)})`));
      case 'distinct':
      case 'entropy':
        return isVariety(feature)
          ? this.varieties.write(feature)
          : this.hours(measure.fn, this.rows(feature));
      case 'active_days':
        return `bitCount(${this.activeDays(feature)})`;
      case 'streak':
        return longestRun(this.dayNumbers(feature));
      case 'gap':
        return this.gap(feature, measure.stat);
      case 'slope':
        return this.slope(feature);
      case 'sessions':
        return this.sessions(feature, measure.stat);
      default:
        return this.numbers(measure.fn, measure.property, this.rows(feature));
    }
  }

  /** Days from a moment to the cutoff; null of null. */
  daysSince(moment: string): string {
    return `(${this.cutoffMs()} - toUnixTimestamp64Milli(${moment})) / ${DAY_MS}`;
  }

  /** The moment so many days before the cutoff. */
  daysAgo(days: number): string {
    return this.params.bindTime(this.context.cutoff - days * DAY_MS);
  }

  /** What a row has to meet to be of these events, hours and weekdays, whenever it was. */
  source({ event, where, hours, weekdays }: Omit<EventFeature, 'window' | 'measure'>): string[] {
    return [
      this.named(typeof event === 'string' ? [event] : event),
      ...(where ?? []).map((filter) => this.properties.filter(filter)),
      ...(hours ? [this.withinHours(hours)] : []),
      ...(weekdays
        ? [`toDayOfWeek(time, 0, ${this.zone()}) IN ${this.params.bind(weekdays, 'Array(UInt8)')}`]
        : []),
    ];
  }

  private rows(feature: EventFeature): string {
    return [...this.source(feature), ...this.within(feature.window)].join(' AND ');
  }

  private named(events: readonly string[]): string {
    const own = `event NOT IN ${this.params.bind(Object.values(SYSTEM_EVENTS), 'Array(String)')}`;
    const names = events.filter((name) => name !== ANY_EVENT);
    const [first] = names;
    if (first === undefined) return own;
    const named =
      names.length === 1
        ? `event = ${this.params.bind(first, 'String')}`
        : `event IN ${this.params.bind(names, 'Array(String)')}`;
    return names.length === events.length ? named : `(${own} OR ${named})`;
  }

  private within(window: Window): string[] {
    if (window === 'all_time') return [];
    const end = windowEnd(window);
    return [
      `time >= ${this.daysAgo(end + window.last.days)}`,
      ...(end === 0 ? [] : [`time < ${this.daysAgo(end)}`]),
    ];
  }

  private withinHours({ from, to }: { from: number; to: number }): string {
    const hour = this.hour();
    const bounds = [this.params.bind(from, 'UInt8'), this.params.bind(to, 'UInt8')];
    return from < to
      ? `(${hour} >= ${bounds[0]} AND ${hour} < ${bounds[1]})`
      : `(${hour} >= ${bounds[0]} OR ${hour} < ${bounds[1]})`;
  }

  /** There are few hours: an array of counts takes the place of a set or a map. */
  private hours(fn: 'distinct' | 'entropy', rows: string): string {
    const counts = this.column(`countResampleIf(0, 24, 1)(${this.hour()}, ${rows})`);
    if (fn === 'distinct') return `arrayCount(n -> n > 0, ${counts})`;
    const total = `arraySum(${counts})`;
    const weighed = `arraySum(n -> if(n = 0, 0, n * log2(n)), ${counts})`;
    return `if(${total} = 0, NULL, log2(${total}) - ${weighed} / ${total})`;
  }

  /** Of texts, numbers and booleans, the text "5" having another one than the number; 0 where there is none. */
  private hashOf(over: Variety['over']): string {
    if (typeof over === 'string') return 'cityHash64(event)';
    const { properties } = this;
    const { property } = over;
    const [text, number] = [properties.text(property), properties.number(property)];
    const hash = (value: string) => `cityHash64(assumeNotNull(${value}))`;
    // Negated, because the hash of `false` is that of 0.
    const ofBoolean = `ifNull(bitNot(cityHash64(${properties.boolean(property)})), 0)`;
    // One question after the other, the most frequent first: each value is hashed as what it is, and an absent one not at all.
    const ofNumber = `if(isNull(${number}), ${ofBoolean}, ${hash(number)})`;
    const ofText = `if(isNull(${text}), ${ofNumber}, ${hash(text)})`;
    return `if(${properties.filter({ property, op: 'is_not_set' })}, 0, ${ofText})`;
  }

  private numbers(fn: 'sum' | 'avg' | 'min' | 'max' | 'stddev' | 'median', property: string, rows: string) {
    const number = this.properties.number(property);
    const aggregate = this.column(`${NUMBER_AGGREGATES[fn]}(${number}, ${rows})`);
    return fn === 'sum' ? `ifNull(${aggregate}, 0)` : aggregate;
  }

  /** One bit per day before the cutoff, the last day lowest, of which the window keeps some. */
  private activeDays(feature: EventFeature): string {
    const rows = [...this.source(feature), `time >= ${this.daysAgo(MAX_SHAPE_DAYS)}`].join(' AND ');
    const mask = this.column(`groupBitOrIf(bitShiftLeft(toUInt128(1), ${this.dayNumber()}), ${rows})`);
    const { days, end } = boundsOf(feature.window);
    const kept = ((1n << BigInt(days)) - 1n) << BigInt(end);
    return `bitAnd(${mask}, ${this.params.bind(String(kept), 'UInt128')})`;
  }

  /** Active days in ascending order, the last day before the cutoff being 0. */
  private dayNumbers(feature: EventFeature): string {
    return `CAST(bitPositionsToArray(${this.activeDays(feature)}), 'Array(Int32)')`;
  }

  private gap(feature: EventFeature, stat: 'mean' | 'stddev' | 'max' | 'current_ratio'): string {
    const days = this.dayNumbers(feature);
    const gaps = `arrayPopFront(arrayDifference(${days}))`;
    const mean = `if(empty(${gaps}), NULL, arrayAvg(${gaps}))`;
    switch (stat) {
      case 'mean':
        return mean;
      case 'stddev':
        return `arrayReduce('stddevSampStable', ${gaps})`;
      case 'max':
        return `if(empty(${gaps}), NULL, arrayMax(${gaps}))`;
      case 'current_ratio':
        return `(${days}[1] - ${windowEnd(feature.window)}) / ${mean}`;
    }
  }

  private slope(feature: EventFeature): string {
    const { days, end } = boundsOf(feature.window);
    const rows = this.rows(feature);
    const count = this.column(`countIf(${rows})`);
    const ages = this.column(`sumIf(${this.dayNumber()}, ${rows})`);
    const spread = (days * (days * days - 1)) / 12;
    // Time runs against the number of the day: the covariance with the age, negated.
    return `(${count} * ${(days - 1) / 2 + end} - ${ages}) / ${spread}`;
  }

  private sessions(feature: EventFeature, stat: 'count' | 'mean_minutes' | 'mean_events'): string {
    const source = this.source(feature);
    const depth = this.sessionDays.get(source.join(' AND ')) ?? MAX_SHAPE_DAYS;
    const rows = [...source, `time >= ${this.daysAgo(depth)}`].join(' AND ');
    const all = this.column(`arraySort(groupArrayIf(toUnixTimestamp64Milli(time), ${rows}))`);
    const { days, end } = boundsOf(feature.window);
    const ago = (daysAgo: number) => this.params.bind(this.context.cutoff - daysAgo * DAY_MS, 'Int64');
    // Before the cutoff are all.
    const bounds = [
      ...(end + days === depth ? [] : [`t >= ${ago(end + days)}`]),
      ...(end === 0 ? [] : [`t < ${ago(end)}`]),
    ];
    const times = bounds.length === 0 ? all : `arrayFilter(t -> ${bounds.join(' AND ')}, ${all})`;
    const pauses = `arrayDifference(${times})`;
    const count = `if(empty(${times}), 0, 1 + arrayCount(p -> p > ${SESSION_PAUSE_MS}, ${pauses}))`;
    switch (stat) {
      case 'count':
        return count;
      case 'mean_minutes':
        return `arraySum(p -> if(p > ${SESSION_PAUSE_MS}, 0, p), ${pauses}) / 60000 / ${count}`;
      case 'mean_events':
        return `length(${times}) / ${count}`;
    }
  }

  private dayNumber(): string {
    return `intDiv(${this.cutoffMs()} - 1 - toUnixTimestamp64Milli(time), ${DAY_MS})`;
  }

  private hour(): string {
    return `toHour(time, ${this.zone()})`;
  }

  private zone(): string {
    return this.params.bind(this.context.timeZone, 'String');
  }

  private cutoffMs(): string {
    return this.params.bind(this.context.cutoff, 'Int64');
  }
}

const NUMBER_AGGREGATES = {
  sum: 'sumIf',
  avg: 'avgIf',
  min: 'minIf',
  max: 'maxIf',
  stddev: 'stddevSampStableIf',
  median: 'quantileExactInclusiveIf(0.5)',
} as const;

function boundsOf(window: Window): { days: number; end: number } {
  if (window === 'all_time') throw new Error('A window without a beginning has no days to look at.');
  return { days: window.last.days, end: windowEnd(window) };
}

/** The length of the longest run of numbers in a row, of an ascending array; 0 of none. */
function longestRun(numbers: string): string {
  const starts = `arrayFilter((i, step) -> step != 1, arrayEnumerate(${numbers}), arrayDifference(${numbers}))`;
  return `arrayMax(arrayDifference(arrayPushBack(${starts}, length(${numbers}) + 1)))`;
}
