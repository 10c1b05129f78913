import type { ProjectId } from '../../kernel/ids.js';
import { PropertySql } from '../../kernel/property-sql.js';
import { SqlParams, type SqlValue } from '../../kernel/sql-params.js';
import { EVENT_TABLE, PROFILE_TABLE } from '../../store/contract.js';
import {
  type Compare,
  type Condition,
  childrenOf,
  type EventCondition,
  eventConditionsOf,
  isEventCondition,
  type SegmentDefinition,
} from './condition.js';
import { asksEvents, asksProfile, canHoldWithoutEvents } from './condition-facts.js';
import { type EventScope, mergeScopes, scopeOf, toScopeSql } from './event-scope.js';
import type { AsOf } from './resolve-window.js';

/** A query with one column `person`: the members, in ascending order. Values are in `params`, none in the text. */
export interface CompiledSegment {
  sql: string;
  params: Record<string, SqlValue>;
}

/**
 * Compiles a segment to one ClickHouse query that reads the events once.
 *
 * Every condition on events becomes one conditional aggregate per person. Persons come out of the event table alone
 * where the tree holds only for persons with events; the profile table is joined where a condition asks for the
 * profile, or where persons without any such event may belong. Only the events and times that some condition
 * looks at are read. Merged persons are one, because rows are grouped by `person`.
 * The meaning is that of `evaluateSegment`.
 */
export function compileSegment(
  definition: SegmentDefinition,
  context: { projectId: ProjectId } & AsOf,
): CompiledSegment {
  const params = new SqlParams();
  const sql = new SegmentSql(params, context).compile(definition.where);
  return { sql, params: params.values };
}

const COMPARE_SQL: Record<Compare['op'], string> = {
  at_least: '>=',
  at_most: '<=',
  equals: '=',
  more_than: '>',
  less_than: '<',
};

/** Writes a condition on events or on the profile; groups are written the same way wherever they stand. */
type WriteLeaf = (condition: Condition) => string;

class SegmentSql {
  private readonly project: string;
  private readonly properties: PropertySql;
  /** Expressions that the events of a person are reduced to, by their SQL, with the column that holds them. */
  private readonly columns = new Map<string, string>();

  constructor(
    private readonly params: SqlParams,
    private readonly context: { projectId: ProjectId } & AsOf,
  ) {
    this.project = params.bind(context.projectId, 'UInt32');
    this.properties = new PropertySql(params);
  }

  compile(where: Condition): string {
    const conjuncts = toConjuncts(where);
    const needsEveryone = canHoldWithoutEvents(where);
    if (!needsEveryone && !asksProfile(where)) return this.fromEvents(conjuncts);
    if (!asksEvents(where)) return `${this.fromProfiles(conjuncts)}\nORDER BY person`;
    return this.fromBoth(conjuncts, needsEveryone);
  }

  private fromEvents(conjuncts: readonly Condition[]): string {
    const source = this.eventSource(conjuncts.flatMap(eventConditionsOf));
    const having = conjuncts.map((condition) =>
      this.write(condition, (leaf) => this.writeEvent(leaf, source)),
    );
    return lines('SELECT person', source.sql, `HAVING ${having.join('\n  AND ')}`, 'ORDER BY person');
  }

  private fromProfiles(conjuncts: readonly Condition[], columns: readonly string[] = []): string {
    const where = conjuncts.map((condition) => this.write(condition, (leaf) => this.writeProfile(leaf)));
    return lines(
      `SELECT ${['user_id AS person', ...columns].join(', ')}`,
      `FROM ${PROFILE_TABLE} FINAL`,
      `WHERE ${[`project_id = ${this.project}`, ...where].join('\n  AND ')}`,
    );
  }

  /** What can be decided on one side is decided there, before the join. */
  private fromBoth(conjuncts: readonly Condition[], needsEveryone: boolean): string {
    const source = this.eventSource(conjuncts.flatMap(eventConditionsOf));
    const ofProfile = conjuncts.filter((condition) => !asksEvents(condition));
    const ofEvents = needsEveryone ? [] : conjuncts.filter((condition) => !asksProfile(condition));
    const rest = conjuncts.filter(
      (condition) => !ofProfile.includes(condition) && !ofEvents.includes(condition),
    );

    const facts = new Map<string, string>();
    const restSql = rest.map((condition) =>
      this.write(condition, (leaf) =>
        'profile' in leaf ? this.nameFact(this.writeProfile(leaf), facts) : this.writeColumn(leaf, source),
      ),
    );
    const having = ofEvents.map((condition) =>
      this.write(condition, (leaf) => this.writeEvent(leaf, source)),
    );
    const factColumns = [...facts].map(([sql, name]) => `${sql} AS ${name}`);
    const measures = [...this.columns].map(([sql, name]) => `${sql} AS ${name}`);
    return lines(
      'SELECT population.person AS person',
      `FROM (\n${indent(this.fromProfiles(ofProfile, factColumns))}\n) AS population`,
      `${needsEveryone ? 'LEFT' : 'INNER'} JOIN (`,
      indent(
        lines(
          `SELECT ${['person', ...measures].join(', ')}`,
          source.sql,
          ...(having.length > 0 ? [`HAVING ${having.join('\n  AND ')}`] : []),
        ),
      ),
      ') AS activity ON activity.person = population.person',
      ...(restSql.length > 0 ? [`WHERE ${restSql.join('\n  AND ')}`] : []),
      'ORDER BY person',
    );
  }

  private eventSource(conditions: readonly EventCondition[]): EventSource {
    const [first] = conditions;
    const scopes = mergeScopes(conditions.map((condition) => scopeOf(condition, this.context)));
    const isSole = conditions.length === 1;
    const written = scopes.map((scope) => toScopeSql(scope, this.params));
    const filters = isSole ? (first?.where ?? []).map((filter) => this.properties.filter(filter)) : [];
    const narrowed =
      written.length === 1
        ? [...(written[0] ?? []), ...filters]
        : [`(${written.map((parts) => `(${parts.join(' AND ')})`).join('\n    OR ')})`];
    return {
      sql: lines(
        `FROM ${EVENT_TABLE}`,
        `WHERE ${[`project_id = ${this.project}`, ...narrowed].join('\n  AND ')}`,
        'GROUP BY person',
      ),
      sole: isSole,
      scopes,
    };
  }

  private write(condition: Condition, leaf: WriteLeaf): string {
    if (isEventCondition(condition) || 'profile' in condition) return leaf(condition);
    const parts = childrenOf(condition).map((child) => this.write(child, leaf));
    if ('all' in condition) return `(${parts.join(' AND ')})`;
    return 'any' in condition ? `(${parts.join(' OR ')})` : `NOT (${parts.join(' OR ')})`;
  }

  private writeProfile(condition: Condition): string {
    if (!('profile' in condition)) throw new Error('This condition is not one on the profile.');
    return this.properties.filter(condition.profile);
  }

  private writeEvent(condition: Condition, source: EventSource): string {
    if (!isEventCondition(condition)) throw new Error('This condition is not one on events.');
    return this.compare(this.measure(condition, source), condition);
  }

  private writeColumn(condition: Condition, source: EventSource): string {
    if (!isEventCondition(condition)) throw new Error('This condition is not one on events.');
    const measure = this.measure(condition, source);
    const column = this.columns.get(measure) ?? `m${this.columns.size + 1}`;
    this.columns.set(measure, column);
    return this.compare(`activity.${column}`, condition);
  }

  private nameFact(sql: string, facts: Map<string, string>): string {
    const name = facts.get(sql) ?? `f${facts.size + 1}`;
    facts.set(sql, name);
    return `population.${name}`;
  }

  /** avg, min and max of nothing are null, which meets no comparison. */
  private compare(actual: string, { measure, compare }: EventCondition): string {
    const sql = `${actual} ${COMPARE_SQL[compare.op]} ${this.params.bind(compare.value, 'Float64')}`;
    return measure && isNullable(measure.fn) ? `ifNull(${sql}, 0)` : sql;
  }

  private measure(condition: EventCondition, source: EventSource): string {
    const rows = this.rowsOf(condition, source).join(' AND ');
    const { properties } = this;
    const aggregate = (name: string, argument: string) =>
      rows === '' ? `${name}(${argument})` : `${name}If(${argument === '' ? '' : `${argument}, `}${rows})`;
    const by = condition.measure ?? { fn: 'count' as const };
    switch (by.fn) {
      case 'count':
        return aggregate('count', '');
      case 'distinct': {
        const parts = [
          properties.text(by.property),
          properties.number(by.property),
          properties.boolean(by.property),
        ];
        return `(${parts.map((part) => aggregate('uniqExact', part)).join(' + ')})`;
      }
      case 'sum':
        return `ifNull(${aggregate('sum', properties.number(by.property))}, 0)`;
      default:
        return aggregate(by.fn, properties.number(by.property));
    }
  }

  /** What a row has to meet beyond the WHERE to count for the condition. */
  private rowsOf(condition: EventCondition, source: EventSource): string[] {
    if (source.sole) return [];
    const scope = scopeOf(condition, this.context);
    const filters = (condition.where ?? []).map((filter) => this.properties.filter(filter));
    const isWhole = source.scopes.length === 1 && JSON.stringify(source.scopes[0]) === JSON.stringify(scope);
    return [...(isWhole ? [] : toScopeSql(scope, this.params)), ...filters];
  }
}

/** The part of the query that reads events; `sole`: one condition only, whose rows are exactly those read. */
interface EventSource {
  sql: string;
  sole: boolean;
  scopes: readonly EventScope[];
}

function isNullable(fn: string): boolean {
  return fn === 'avg' || fn === 'min' || fn === 'max';
}

/** The conditions that all have to hold. */
function toConjuncts(condition: Condition): Condition[] {
  return 'all' in condition ? condition.all.flatMap(toConjuncts) : [condition];
}

function lines(...parts: readonly string[]): string {
  return parts.join('\n');
}

function indent(sql: string): string {
  return sql.replace(/^/gm, '  ');
}
