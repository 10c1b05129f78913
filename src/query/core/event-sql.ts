import { SYSTEM_EVENTS } from '../../kernel/event.js';
import type { ProjectId } from '../../kernel/ids.js';
import type { PropertyFilter } from '../../kernel/property-filter.js';
import { PropertySql } from '../../kernel/property-sql.js';
import { SqlParams, type SqlValue } from '../../kernel/sql-params.js';
import { EVENT_TABLE, PROFILE_TABLE } from '../../store/contract.js';
import type { Group } from './group.js';
import type { Span } from './time-range.js';

/** One ClickHouse query. Values are in `params`, none in the text. */
export interface CompiledQuery {
  sql: string;
  params: Record<string, SqlValue>;
}

/** Milliseconds since 1970 of an event. */
export const TIME_MS = 'toUnixTimestamp64Milli(time)';

/** Writes the parts that every query about events has: which rows, of which persons, grouped by what. */
export class EventSql {
  readonly params = new SqlParams();
  readonly properties = new PropertySql(this.params);
  private readonly project: string;

  constructor(projectId: ProjectId) {
    this.project = this.params.bind(projectId, 'UInt32');
  }

  /** The event table, with the profiles joined where a group asks for them. */
  from(groups: readonly Group[] = []): string {
    const columns = groups.flatMap((group, index) =>
      group.by === 'profile' ? [`${this.properties.json(group.property)} AS profile${index + 1}`] : [],
    );
    if (columns.length === 0) return `FROM ${EVENT_TABLE}`;
    return lines(
      `FROM ${EVENT_TABLE}`,
      'LEFT ANY JOIN (',
      `  SELECT ${['user_id AS profile_person', ...columns].join(', ')}`,
      `  FROM ${PROFILE_TABLE} FINAL`,
      `  WHERE project_id = ${this.project}`,
      ') AS profiles ON profiles.profile_person = person',
    );
  }

  /** What an event is grouped by, as JSON text; an empty text where it has no such value. */
  group(group: Group, index: number): string {
    switch (group.by) {
      case 'event':
        return 'toJSONString(event)';
      case 'source':
        return 'toJSONString(source)';
      case 'property':
        return this.properties.json(group.property);
      case 'profile':
        return `profiles.profile${index + 1}`;
    }
  }

  /** @param conditions of the rows, beside their project */
  where(...conditions: readonly string[]): string {
    return `WHERE ${[`project_id = ${this.project}`, ...conditions].join('\n  AND ')}`;
  }

  /** @param events null: every event of the users' own, without what Rekindle itself records */
  named(events: readonly string[] | null): string {
    if (events === null)
      return `event NOT IN ${this.params.bind(Object.values(SYSTEM_EVENTS), 'Array(String)')}`;
    const unique = [...new Set(events)];
    return unique.length === 1
      ? `event = ${this.params.bind(unique[0] ?? '', 'String')}`
      : `event IN ${this.params.bind(unique, 'Array(String)')}`;
  }

  during({ fromMs, toMs }: Span): string[] {
    return [this.since(fromMs), this.before(toMs)];
  }

  since(atMs: number): string {
    return `time >= ${this.params.bindTime(atMs)}`;
  }

  before(atMs: number): string {
    return `time < ${this.params.bindTime(atMs)}`;
  }

  filters(filters: readonly PropertyFilter[]): string[] {
    return filters.map((filter) => this.properties.filter(filter));
  }

  /** Persons whose profile meets every filter; every person has a profile, also an empty one. */
  ofPersons(filters: readonly PropertyFilter[]): string[] {
    if (filters.length === 0) return [];
    const conditions = [`project_id = ${this.project}`, ...this.filters(filters)];
    return [`person IN (SELECT user_id FROM ${PROFILE_TABLE} FINAL WHERE ${conditions.join(' AND ')})`];
  }
}

export function lines(...parts: readonly string[]): string {
  return parts.join('\n');
}

export function indent(sql: string): string {
  return sql.replace(/^/gm, '  ');
}
