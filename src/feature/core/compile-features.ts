import { SYSTEM_EVENTS } from '../../kernel/event.js';
import type { ProjectId } from '../../kernel/ids.js';
import { SqlParams, type SqlValue } from '../../kernel/sql-params.js';
import { EVENT_TABLE, PERSON_ALIAS_TABLE, PROFILE_TABLE } from '../../store/contract.js';
import {
  ANY_EVENT,
  DAY_MS,
  eventFeaturesOf,
  type FeatureValue,
  isNotAsOf,
  type NamedFeature,
  windowEnd,
} from './feature.js';
import { LIFECYCLE_LABELS, LIFECYCLE_RECENT_DAYS, type LifecycleThresholds } from './lifecycle.js';
import { type MeasureContext, MeasureSql } from './measure-sql.js';
import type { UserRange } from './plan-ranges.js';

/** For whom, as of when and how features are computed. */
export interface FeatureContext extends MeasureContext {
  projectId: ProjectId;
  /** Whether events that were received at or after the cutoff are left out: what was known at that moment. */
  asKnown: boolean;
  lifecycle: LifecycleThresholds;
  /** Only users with an own event in so many days before the cutoff; null: with any before it. */
  activeWithinDays: number | null;
  /** Absent: all persons. */
  range?: UserRange;
}

/** A query with the columns `person` and `values` (Array(Nullable(Float64)), one per feature, in order). */
export interface CompiledFeatures {
  sql: string;
  params: Record<string, SqlValue>;
}

/**
 * Compiles features to one ClickHouse query that reads the events once: each feature is made of conditional
 * aggregates per person, and features share those that are the same.
 *
 * Persons are those with an own event before the cutoff. Nothing at or after the cutoff is read of the events.
 * The meaning is that of `evaluateFeatures`.
 */
export function compileFeatures(
  features: readonly NamedFeature[],
  context: FeatureContext,
): CompiledFeatures {
  const params = new SqlParams();
  const sql = new FeatureSql(params, context, features).compile();
  return { sql, params: params.values };
}

class FeatureSql {
  private readonly measures: MeasureSql;
  private readonly project: string;

  constructor(
    private readonly params: SqlParams,
    private readonly context: FeatureContext,
    private readonly features: readonly NamedFeature[],
  ) {
    this.project = params.bind(context.projectId, 'UInt32');
    this.measures = new MeasureSql(
      params,
      context,
      features.map(({ value }) => value),
    );
  }

  compile(): string {
    const ofProfile = new Map<string, string>();
    const values = this.features.map(({ value }) => finite(value, this.write(value, ofProfile)));
    const own = this.measures.source({ event: ANY_EVENT }).join(' AND ');
    const recently =
      this.context.activeWithinDays === null
        ? ''
        : ` AND time >= ${this.measures.daysAgo(this.context.activeWithinDays)}`;
    const aggregates = this.measures.aggregates();
    return lines(
      'SELECT person,',
      '  CAST([',
      values.map((value) => `    ${value}`).join(',\n'),
      `  ], 'Array(Nullable(Float64))') AS values`,
      'FROM (',
      `  SELECT ${['person', ...aggregates].join(',\n    ')}`,
      `  FROM ${EVENT_TABLE}`,
      `  WHERE ${this.eventRows().join('\n    AND ')}`,
      '  GROUP BY person',
      `  HAVING countIf(${own}${recently}) > 0`,
      ') AS activity',
      ...this.profiles(ofProfile),
    );
  }

  private write(value: FeatureValue, ofProfile: Map<string, string>): string {
    if ('event' in value) return this.measures.write(value);
    if ('ratio' in value) {
      const { of, to } = value.ratio;
      return `${finite(of, this.measures.write(of))} / ${finite(to, this.measures.write(to))}`;
    }
    if ('lifecycle' in value) return this.lifecycle();
    const sql = this.profileValue(value);
    const name = ofProfile.get(sql) ?? `f${ofProfile.size + 1}`;
    ofProfile.set(sql, name);
    return `population.${name}`;
  }

  private profileValue(value: FeatureValue): string {
    const { properties } = this.measures;
    if ('profile' in value) return properties.filter(value.profile);
    if ('profileNumber' in value) return properties.number(value.profileNumber);
    if (!('profileDaysSince' in value)) throw new Error('This feature is not one of the profile.');
    const text = `substring(${properties.text(value.profileDaysSince)}, 1, 10)`;
    // A day that does not exist, such as 30 February, is read as another one.
    const day = `toDate32OrNull(${text})`;
    const midnight = `toUnixTimestamp64Milli(toDateTime64(${day}, 3, 'UTC'))`;
    const cutoff = this.params.bind(this.context.cutoff, 'Int64');
    return `if(ifNull(toString(${day}) = ${text}, 0), (${cutoff} - ${midnight}) / ${DAY_MS}, NULL)`;
  }

  /** The branches of `decideLifecycle`. */
  private lifecycle(): string {
    const { lifecycle: limits } = this.context;
    const { measures } = this;
    const own = measures.source({ event: ANY_EVENT }).join(' AND ');
    const isBack = `time >= ${measures.daysAgo(limits.returnedDays)}`;
    const last = measures.daysSince(measures.column(`maxOrNullIf(time, ${own})`));
    const first = measures.daysSince(measures.column(`minOrNullIf(time, ${own})`));
    const back = measures.daysSince(measures.column(`minOrNullIf(time, ${own} AND ${isBack})`));
    const left = measures.daysSince(measures.column(`maxOrNullIf(time, ${own} AND NOT ${isBack})`));
    const active = measures.write({
      event: ANY_EVENT,
      window: { last: { days: LIFECYCLE_RECENT_DAYS } },
      measure: { fn: 'active_days' },
    });
    const branches = [
      [`${last} >= ${limits.lostDays}`, 'lost'],
      [`${last} >= ${limits.dormantDays}`, 'dormant'],
      [`${last} >= ${limits.atRiskDays}`, 'at_risk'],
      [`${first} < ${limits.newDays}`, 'new'],
      [`ifNull(${left} - ${back}, 0) >= ${limits.dormantDays}`, 'returned'],
      [`${active} >= ${limits.loyalActiveDays}`, 'loyal'],
      [`${active} <= ${limits.lowActiveDays}`, 'low_frequency'],
    ] as const;
    const code = (label: (typeof LIFECYCLE_LABELS)[number]) => LIFECYCLE_LABELS.indexOf(label) + 1;
    return `multiIf(${branches.map(([condition, label]) => `${condition}, ${code(label)}`).join(', ')}, ${code('active')})`;
  }

  /** Own events, of which everything is made, and the system events that some feature names. */
  private eventRows(): string[] {
    const system = new Set<string>(Object.values(SYSTEM_EVENTS));
    const named = this.features
      .flatMap(({ value }) => eventFeaturesOf(value))
      .flatMap(({ event }) => event)
      .filter((name) => system.has(name));
    const cutoff = this.params.bindTime(this.context.cutoff);
    const depth = this.depthDays();
    return [
      `project_id = ${this.project}`,
      this.measures.source({ event: [ANY_EVENT, ...new Set(named)] }).join(' AND '),
      ...(depth === null ? [] : [`time >= ${this.measures.daysAgo(depth)}`]),
      `time < ${cutoff}`,
      ...(this.context.asKnown ? [`received_at < ${cutoff}`] : []),
      ...this.persons(),
    ];
  }

  /** How far back the features and the population look; null: to the beginning. */
  private depthDays(): number | null {
    const windows = this.features.flatMap(({ value }) => eventFeaturesOf(value)).map(({ window }) => window);
    const days = windows.map((window) =>
      window === 'all_time' ? null : windowEnd(window) + window.last.days,
    );
    const hasLifecycle = this.features.some(({ value }) => 'lifecycle' in value);
    const all = [...days, this.context.activeWithinDays, ...(hasLifecycle ? [null] : [])];
    return all.reduce((depth, each) => (depth === null || each === null ? null : Math.max(depth, each)), 0);
  }

  /** Rows of merged persons lie under other numbers: those are found first, so that the primary key serves. */
  private persons(): string[] {
    const { range } = this.context;
    if (!range) return [];
    const within = (column: string) =>
      [
        `${column} > ${this.params.bind(range.after, 'UInt64')}`,
        ...(range.until === null ? [] : [`${column} <= ${this.params.bind(range.until, 'UInt64')}`]),
      ].join(' AND ');
    const absorbed = `SELECT person_id FROM ${PERSON_ALIAS_TABLE} WHERE ${within('canonical')}`;
    return [`(${within('user_id')} OR user_id IN (${absorbed}))`, within('person')];
  }

  private profiles(columns: ReadonlyMap<string, string>): string[] {
    if (columns.size === 0) return [];
    const selected = [...columns].map(([sql, name]) => `${sql} AS ${name}`);
    return [
      'LEFT JOIN (',
      `  SELECT ${['user_id', ...selected].join(',\n    ')}`,
      `  FROM ${PROFILE_TABLE} FINAL`,
      `  WHERE project_id = ${this.project}`,
      ') AS population ON population.user_id = activity.person',
    ];
  }
}

/** Features of the profile where they may not be computed, because the profile is known as of now only. */
export function splitByGuard(
  features: readonly NamedFeature[],
  isPast: boolean,
): { computed: NamedFeature[]; excluded: string[] } {
  const isExcluded = ({ value }: NamedFeature) => isPast && isNotAsOf(value);
  return {
    computed: features.filter((feature) => !isExcluded(feature)),
    excluded: features.filter(isExcluded).map(({ name }) => name),
  };
}

/** What has no value may come as NaN or as an infinity, which would divide to 0. */
function finite(value: FeatureValue, sql: string): string {
  const isAlways =
    'event' in value && ['count', 'active_days', 'distinct', 'streak'].includes(value.measure.fn);
  return isAlways ? sql : `if(isFinite(${sql}), ${sql}, NULL)`;
}

function lines(...parts: readonly string[]): string {
  return parts.join('\n');
}
