import type { ProjectId } from '../../kernel/ids.js';
import { PropertySql } from '../../kernel/property-sql.js';
import { SqlParams, type SqlValue } from '../../kernel/sql-params.js';
import { EVENT_TABLE, PROFILE_TABLE } from '../../store/contract.js';
import { anniversariesOf, earliest, eventEdges, profileEdge } from './compile-edges.js';
import {
  type Condition,
  type EventLeaf,
  eventLeavesOf,
  groupOf,
  isEventLeaf,
  type Leaf,
  type PersonLeaf,
  type SegmentDefinition,
} from './condition.js';
import { asksEvents, asksPerson, canHoldWithoutEvents } from './condition-facts.js';
import { mergeScopes, scopesOf, toScopeSql } from './event-scope.js';
import { listSql } from './list-condition.js';
import type { LookedAt } from './looked-at.js';
import { type EventSource, MeasureSql } from './measure-sql.js';
import { momentSql } from './profile-moment.js';
import { anniversarySql, bucketSql } from './references.js';
import type { AsOf } from './resolve-window.js';
import { isValueLeaf, valueSql } from './value-condition.js';
import { isSinceWindow } from './window.js';

/** A query with one column `person`: the members, in ascending order. Values are in `params`, none in the text. */
export interface CompiledSegment {
  sql: string;
  params: Record<string, SqlValue>;
  /** Settings of ClickHouse without which it must not be run. */
  settings?: Record<string, string | number>;
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
  context: { projectId: ProjectId; paramPrefix?: string } & Narrowed & AsOf,
): CompiledSegment {
  const params = new SqlParams(context.paramPrefix);
  const sql = new SegmentSql(params, context, { hasEdges: false }).compile(definition.where);
  return { sql, params: params.values };
}

/**
 * Compiles a segment to one query of everyone who is a member or may become one, or cease to be, by time alone: the
 * columns `person`, `is_member` (0 or 1) and `edge` (`compile-edges.ts`; 0 where there is none).
 * It reads the events once for both, and has the same members as `compileSegment`.
 */
export function compileLive(
  definition: SegmentDefinition,
  context: { projectId: ProjectId } & Narrowed & AsOf,
): CompiledSegment {
  const params = new SqlParams();
  const sql = new SegmentSql(params, context, { hasEdges: true }).compile(definition.where);
  return { sql, params: params.values };
}

/** Whom a query asks about, if not everyone. */
interface Narrowed {
  within?: LookedAt;
  /** Only one person in so many, chosen by a hash: for estimates. */
  oneIn?: number;
}

/** Writes a leaf of the tree; groups are written the same way wherever they stand. */
type WriteLeaf = (leaf: Leaf) => string;

class SegmentSql {
  private readonly project: string;
  private readonly properties: PropertySql;
  private readonly measures: MeasureSql;
  /** Expressions that the events of a person are reduced to, by their SQL, with the column that holds them. */
  private readonly columns = new Map<string, string>();

  constructor(
    private readonly params: SqlParams,
    private readonly context: { projectId: ProjectId } & Narrowed & AsOf,
    private readonly asked: { hasEdges: boolean },
  ) {
    this.project = params.bind(context.projectId, 'UInt32');
    this.properties = new PropertySql(params);
    this.measures = new MeasureSql(params, this.properties, context);
  }

  compile(where: Condition): string {
    const needsEveryone = canHoldWithoutEvents(where);
    if (!needsEveryone && !asksPerson(where)) return this.fromEvents(toConjuncts(where));
    if (!asksEvents(where)) return this.fromProfiles(where);
    return this.fromBoth(where, needsEveryone);
  }

  private fromEvents(conjuncts: readonly Condition[]): string {
    const source = this.eventSource(conjuncts.flatMap(eventLeavesOf));
    const having = conjuncts.map((condition) =>
      this.write(condition, (leaf) => this.writeEvent(leaf, source)),
    );
    const { columns, kept } = this.answer(this.selectPerson(), having, source.edges);
    return lines(
      `SELECT ${columns.join(', ')}`,
      source.sql,
      `HAVING ${kept.join('\n  AND ')}`,
      'ORDER BY person',
    );
  }

  private fromProfiles(where: Condition): string {
    const { lasting, turning } = this.split(toConjuncts(where));
    const sql = turning.map((condition) => this.write(condition, (leaf) => this.writePerson(leaf)));
    const { columns, kept } = this.answer('user_id AS person', sql, this.profileEdges(where));
    return `${this.profiles(lasting, columns, kept)}\nORDER BY person`;
  }

  private profiles(
    conjuncts: readonly Condition[],
    columns: readonly string[],
    kept: readonly string[] = [],
  ): string {
    const where = conjuncts.map((condition) => this.write(condition, (leaf) => this.writePerson(leaf)));
    return lines(
      `SELECT ${columns.join(', ')}`,
      `FROM ${PROFILE_TABLE} FINAL`,
      `WHERE ${[`project_id = ${this.project}`, ...this.onlyPersons(), ...this.onlyShare('user_id'), ...where, ...kept].join('\n  AND ')}`,
    );
  }

  /** What can be decided on one side is decided there, before the join. */
  private fromBoth(where: Condition, needsEveryone: boolean): string {
    const conjuncts = toConjuncts(where);
    const { lasting: ofProfile } = this.split(conjuncts.filter((condition) => !asksEvents(condition)));
    const source = this.eventSource(conjuncts.flatMap(eventLeavesOf), ofProfile);
    const ofEvents =
      needsEveryone || this.asked.hasEdges ? [] : conjuncts.filter((condition) => !asksPerson(condition));
    const rest = conjuncts.filter(
      (condition) => !ofProfile.includes(condition) && !ofEvents.includes(condition),
    );

    const facts = new Map<string, string>();
    const profileEdges = this.profileEdges(where).map((edge) => this.nameFact(edge, facts));
    // Who has no events is no member where the tree wants some, but may have an edge by the profile.
    const isLeft = needsEveryone || profileEdges.length > 0;
    const restSql = [
      ...(isLeft && !needsEveryone ? ['activity.person > 0'] : []),
      ...rest.map((condition) => this.write(condition, (leaf) => this.writeJoined(leaf, source, facts))),
    ];
    const having = ofEvents.map((condition) =>
      this.write(condition, (leaf) => this.writeEvent(leaf, source)),
    );
    const eventEdge = source.edges.length > 0 ? ['activity.next'] : [];
    const { columns, kept } = this.answer('population.person AS person', restSql, [
      ...eventEdge,
      ...profileEdges,
    ]);
    const factColumns = [...facts].map(([sql, name]) => `${sql} AS ${name}`);
    const measures = [
      ...[...this.columns].map(([sql, name]) => `${sql} AS ${name}`),
      ...(source.edges.length > 0 ? [`${earliest(source.edges)} AS next`] : []),
    ];
    return lines(
      `SELECT ${columns.join(', ')}`,
      `FROM (\n${indent(this.profiles(ofProfile, ['user_id AS person', ...factColumns]))}\n) AS population`,
      `${isLeft ? 'LEFT' : 'INNER'} JOIN (`,
      indent(
        lines(
          `SELECT ${[this.selectPerson(), ...measures].join(', ')}`,
          source.sql,
          ...(having.length > 0 ? [`HAVING ${having.join('\n  AND ')}`] : []),
        ),
      ),
      ') AS activity ON activity.person = population.person',
      ...(kept.length > 0 ? [`WHERE ${kept.join('\n  AND ')}`] : []),
      'ORDER BY person',
    );
  }

  /** What is told of a person, and of whom: of the members, or of everyone who is one or has an edge. */
  private answer(
    person: string,
    conditions: readonly string[],
    edges: readonly string[],
  ): { columns: string[]; kept: readonly string[] } {
    if (!this.asked.hasEdges) return { columns: [person], kept: conditions };
    const isMember = conditions.length === 0 ? '1' : conditions.join(' AND ');
    return {
      columns: [person, `toUInt8(${isMember}) AS is_member`, `${earliest(edges)} AS edge`],
      kept: ['(is_member OR edge > 0)'],
    };
  }

  /** Who fails a condition that time does not change is no member, and has no edge, until something happens. */
  private split(conjuncts: readonly Condition[]): { lasting: Condition[]; turning: Condition[] } {
    const turning = this.asked.hasEdges ? conjuncts.filter((each) => anniversariesOf(each).length > 0) : [];
    return { lasting: conjuncts.filter((each) => !turning.includes(each)), turning };
  }

  private profileEdges(where: Condition): string[] {
    if (!this.asked.hasEdges) return [];
    return anniversariesOf(where).map((leaf) => profileEdge(leaf, this.writing));
  }

  /** @param ofProfile conditions that the person has to meet anyway: of a few users, whoever fails them is not looked for */
  private eventSource(
    leaves: readonly EventLeaf[],
    ofProfile: readonly Condition[] = [],
  ): EventSource & { sql: string; edges: string[] } {
    const [first] = leaves;
    const edges = this.asked.hasEdges ? eventEdges(leaves, this.writing) : [];
    const scopes = mergeScopes([
      ...leaves.flatMap((leaf) => scopesOf(leaf, this.context)),
      ...edges.map(({ scope }) => scope),
    ]);
    const isSole =
      leaves.length === 1 &&
      edges.length === 0 &&
      first !== undefined &&
      'event' in first &&
      !isSinceWindow(first.window);
    const written = scopes.map((scope) => toScopeSql(scope, this.params));
    const filters = isSole ? (first.where ?? []).map((filter) => this.properties.filter(filter)) : [];
    const narrowed =
      written.length === 1
        ? [...(written[0] ?? []), ...filters]
        : [`(${written.map((parts) => `(${parts.join(' AND ')})`).join('\n    OR ')})`];
    const anchors = this.anchors(leaves);
    return {
      sql: lines(
        `FROM ${EVENT_TABLE}`,
        ...this.joinAnchors(anchors),
        `WHERE ${[`project_id = ${this.project}`, ...this.onlyUsers(ofProfile), ...this.onlyShare(this.person), ...narrowed].join('\n  AND ')}`,
        `GROUP BY ${this.person}`,
      ),
      sole: isSole,
      scopes,
      anchors,
      edges: [...new Set(edges.map(({ sql }) => `toInt64(${sql})`))],
    };
  }

  /** The profile properties that windows begin at, each with the column that holds its moment. */
  private anchors(leaves: readonly EventLeaf[]): Map<string, string> {
    const properties = leaves.flatMap(({ window }) => (isSinceWindow(window) ? [window.since] : []));
    return new Map([...new Set(properties)].map((property, index) => [property, `since${index + 1}`]));
  }

  /** Moments of each person beside each of their events; persons without any are left out, and have none there. */
  private joinAnchors(anchors: ReadonlyMap<string, string>): string[] {
    if (anchors.size === 0) return [];
    const columns = [...anchors].map(([property, name]) => `${this.moment(property)} AS ${name}`);
    const isAny = [...anchors.values()].map((name) => `isNotNull(${name})`).join(' OR ');
    return [
      'LEFT ANY JOIN (',
      indent(
        lines(
          `SELECT user_id AS anchored, ${columns.join(', ')}`,
          `FROM ${PROFILE_TABLE} FINAL`,
          `WHERE ${[`project_id = ${this.project}`, ...this.onlyPersons(), `(${isAny})`].join(' AND ')}`,
        ),
      ),
      `) AS anchor ON anchor.anchored = ${this.person}`,
    ];
  }

  /** Whose event a row is. */
  private get person(): string {
    return this.context.within?.person ?? 'person';
  }

  private selectPerson(): string {
    return this.person === 'person' ? 'person' : `${this.person} AS person`;
  }

  private onlyUsers(ofProfile: readonly Condition[]): string[] {
    const { within } = this.context;
    if (!within) return [];
    const persons = ofProfile.length > 0 ? this.profiles(ofProfile, ['user_id']) : undefined;
    return [`user_id IN (${within.users(persons)})`];
  }

  private onlyPersons(): string[] {
    return this.context.within ? [`user_id IN (${this.context.within.persons})`] : [];
  }

  private onlyShare(person: string): string[] {
    const { oneIn = 1 } = this.context;
    return oneIn === 1 ? [] : [`intHash64(${person}) % ${this.params.bind(oneIn, 'UInt32')} = 0`];
  }

  private moment(property: string): string {
    return momentSql(property, this.writing);
  }

  private get writing(): { params: SqlParams; properties: PropertySql } & AsOf {
    return { ...this.context, params: this.params, properties: this.properties };
  }

  private write(condition: Condition, leaf: WriteLeaf): string {
    const group = groupOf(condition);
    if (!group) return leaf(condition as Leaf);
    const parts = group.children.map((child) => this.write(child, leaf));
    if (group.kind === 'all') return `(${parts.join(' AND ')})`;
    return group.kind === 'any' ? `(${parts.join(' OR ')})` : `NOT (${parts.join(' OR ')})`;
  }

  private writePerson(leaf: Leaf): string {
    if (isEventLeaf(leaf)) throw new Error('This condition is not one on the profile.');
    return this.personSql(leaf);
  }

  private personSql(leaf: PersonLeaf): string {
    if ('profile' in leaf) return this.properties.filter(leaf.profile);
    if ('bucket' in leaf) return bucketSql(leaf, 'user_id', this.params);
    if (isValueLeaf(leaf)) return valueSql(leaf, 'user_id', this.params);
    if ('list' in leaf) return listSql(leaf, 'user_id', { params: this.params, project: this.project });
    return anniversarySql(leaf, this.writing);
  }

  private writeEvent(leaf: Leaf, source: EventSource): string {
    if (!isEventLeaf(leaf)) throw new Error('This condition is not one on events.');
    return this.measures.compare(this.measures.measure(leaf, source), leaf);
  }

  /** Where both sides are joined, each gives columns. */
  private writeJoined(leaf: Leaf, source: EventSource, facts: Map<string, string>): string {
    if (!isEventLeaf(leaf)) return this.nameFact(this.personSql(leaf), facts);
    const measure = this.measures.measure(leaf, source);
    const column = this.columns.get(measure) ?? `m${this.columns.size + 1}`;
    this.columns.set(measure, column);
    const compared = this.measures.compare(`activity.${column}`, leaf);
    if (!isSinceWindow(leaf.window)) return compared;
    const isKnown = this.nameFact(`isNotNull(${this.moment(leaf.window.since)})`, facts);
    return `(${isKnown} AND ${compared})`;
  }

  private nameFact(sql: string, facts: Map<string, string>): string {
    const name = facts.get(sql) ?? `f${facts.size + 1}`;
    facts.set(sql, name);
    return `population.${name}`;
  }
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
