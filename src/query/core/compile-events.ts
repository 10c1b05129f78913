import type { ProjectId } from '../../kernel/ids.js';
import { DEFAULT_TOP } from './event-choice.js';
import { type CompiledQuery, EventSql, indent, lines, TIME_MS } from './event-sql.js';
import { type EventsQuery, type Measure, measuresOf } from './events-query.js';
import type { Span } from './time-range.js';

/** What a query means here and now. `starts`: beginnings of its buckets; null where it has none. */
export interface EventsPlan {
  projectId: ProjectId;
  span: Span;
  starts: readonly number[] | null;
}

/**
 * A row of the answer of ClickHouse. `bucket`: seconds from the first bucket's beginning. `place`: rank of the group,
 * 0 for those beyond the top. `groups`: how many there are, of a group within the top. `m1` …: the measures.
 */
export type EventsRow = { bucket?: number; place?: number; groups?: number } & Record<string, unknown>;

/**
 * Compiles a query about events.
 *
 * Buckets come as a list of beginnings, so that the days of a zone are those of `bucketStarts` and not the engine's.
 * With groups the events are read twice: first for the groups that are most, then for the answer, in which all others
 * are one. So a person who is in several of the others counts once there.
 */
export function compileEvents(query: EventsQuery, plan: EventsPlan): CompiledQuery {
  const compiler = new EventsSql(query, plan);
  return { sql: compiler.compile(), params: compiler.params };
}

class EventsSql {
  private readonly events: EventSql;
  /** Expressions over one event, by their SQL, with the column that holds them. */
  private readonly columns = new Map<string, string>();

  constructor(
    private readonly query: EventsQuery,
    private readonly plan: EventsPlan,
  ) {
    this.events = new EventSql(plan.projectId);
  }

  get params() {
    return this.events.params.values;
  }

  compile(): string {
    const groups = this.query.groupBy ?? [];
    const names = groups.map((_, index) => `group${index + 1}`);
    const grouped = groups.map((group, index) => `${this.events.group(group, index)} AS ${names[index]}`);
    const measures = measuresOf(this.query).map((measure) => this.measure(measure));
    const keys = [...(this.plan.starts ? ['bucket'] : []), ...(groups.length > 0 ? ['place'] : [])];
    const facts =
      names.length > 0
        ? [...names.map((name) => `any(ranks.${name}) AS ${name}`), 'max(groups) AS groups']
        : [];
    return lines(
      `SELECT ${[...keys, ...facts, ...measures.map((sql, index) => `${sql} AS m${index + 1}`)].join(', ')}`,
      'FROM (',
      indent(this.rows([...this.bucket(), ...grouped], [...this.columns.entries()])),
      ') AS seen',
      ...(names.length > 0 ? this.ranks(names, grouped) : []),
      ...(keys.length > 0 ? [`GROUP BY ${keys.join(', ')}`, `ORDER BY ${keys.join(', ')}`] : []),
    );
  }

  private bucket(): string[] {
    const { starts } = this.plan;
    if (!starts) return [];
    const [firstMs = 0] = starts;
    const { params } = this.events;
    const offsets = starts.map((startMs) => Math.floor((startMs - firstMs) / 1000));
    const seconds = `intDiv(${TIME_MS} - ${params.bind(firstMs, 'Int64')}, 1000)`;
    return [`roundDown(${seconds}, ${params.bind(offsets, 'Array(UInt32)')}) AS bucket`];
  }

  /** The groups that are most by the first measure, with their rank and how many groups there are. */
  private ranks(names: readonly string[], grouped: readonly string[]): string[] {
    const [first = { fn: 'count' as const }] = measuresOf(this.query);
    this.columns.clear();
    const weight = this.measure(first);
    const order = `ORDER BY weight DESC, ${names.join(', ')}`;
    return [
      'LEFT ANY JOIN (',
      `  SELECT ${names.join(', ')}, row_number() OVER (${order}) AS place, count() OVER () AS groups`,
      '  FROM (',
      `    SELECT ${names.join(', ')}, ${weight} AS weight`,
      '    FROM (',
      indent(indent(indent(this.rows(grouped, [...this.columns.entries()])))),
      '    )',
      `    GROUP BY ${names.join(', ')}`,
      '  )',
      `  ORDER BY place LIMIT ${this.events.params.bind(this.query.top ?? DEFAULT_TOP, 'UInt32')}`,
      `) AS ranks USING (${names.join(', ')})`,
    ];
  }

  private rows(keys: readonly string[], columns: readonly (readonly [string, string])[]): string {
    const { query, events } = this;
    const selected = [...keys, ...columns.map(([sql, name]) => (sql === name ? sql : `${sql} AS ${name}`))];
    return lines(
      `SELECT ${selected.length > 0 ? selected.join(', ') : '1'}`,
      events.from(query.groupBy),
      events.where(
        events.named(query.events ?? null),
        ...events.during(this.plan.span),
        ...events.filters(query.where ?? []),
        ...events.ofPersons(query.profile ?? []),
      ),
    );
  }

  private measure(measure: Measure): string {
    const { properties } = this.events;
    switch (measure.fn) {
      case 'count':
        return 'count()';
      case 'persons':
        return `uniqExact(${this.column('person')})`;
      case 'count_per_person':
        return `if(count() = 0, NULL, count() / uniqExact(${this.column('person')}))`;
      case 'distinct':
        return [
          properties.text(measure.property),
          properties.number(measure.property),
          properties.boolean(measure.property),
        ]
          .map((sql) => `uniqExact(${this.column(sql)})`)
          .join(' + ');
      case 'sum':
        return `ifNull(sum(${this.number(measure.property)}), 0)`;
      case 'median':
        return `quantileExactInclusive(0.5)(${this.number(measure.property)})`;
      case 'percentile': {
        const level = this.events.params.bind(measure.percent / 100, 'Float64');
        return `quantileExactInclusive(${level})(${this.number(measure.property)})`;
      }
      default:
        return `${measure.fn}(${this.number(measure.property)})`;
    }
  }

  private number(property: string): string {
    return this.column(this.events.properties.number(property));
  }

  private column(sql: string): string {
    const name = this.columns.get(sql) ?? (sql === 'person' ? sql : `v${this.columns.size + 1}`);
    this.columns.set(sql, name);
    return name;
  }
}
