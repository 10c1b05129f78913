import type { ProjectId } from '../../kernel/ids.js';
import { PropertySql } from '../../kernel/property-sql.js';
import { SqlParams } from '../../kernel/sql-params.js';
import { EVENT_TABLE, PROFILE_TABLE } from '../../store/contract.js';
import { anniversaryTurns } from './calendar-edges.js';
import type { CompiledSegment } from './compile-segment.js';
import { isEventLeaf, type Leaf, leavesOf, type SegmentDefinition } from './condition.js';
import { EdgeSql } from './edge-sql.js';
import { mergeScopes, toScopeSql } from './event-scope.js';
import type { LookedAt } from './looked-at.js';
import { monthDaySql } from './profile-moment.js';
import type { AnniversaryCondition } from './references.js';
import type { AsOf } from './resolve-window.js';
import { isValueLeaf } from './value-condition.js';

type Context = { projectId: ProjectId; paramPrefix?: string; within?: LookedAt } & AsOf;

/**
 * Compiles when the answer of a segment may change for each person though nothing happens: a query with the columns
 * `person` and `edge`, ms since 1970, for persons who have such a moment ahead.
 *
 * Until a person's edge the answer stays what it is, unless an event, the profile or the identity changes. The edge may
 * be too early, never too late: the least of when a window gains or loses an event, a time becomes so old, and a
 * calendar or an anniversary turns, whichever condition of the tree that is.
 * @returns null where nothing depends on time
 */
export function compileEdges(definition: SegmentDefinition, context: Context): CompiledSegment | null {
  const params = new SqlParams(context.paramPrefix);
  const properties = new PropertySql(params);
  const leaves = leavesOf(definition.where);
  const project = params.bind(context.projectId, 'UInt32');
  const parts = [
    ...eventEdges(leaves, { ...context, params, properties, project }),
    ...leaves
      .filter(isAnniversary)
      .map((leaf) => profileEdges(leaf, { ...context, params, properties, project })),
  ];
  if (parts.length === 0) return null;
  const sql = [
    'SELECT person, min(edge) AS edge',
    `FROM (\n${parts.join('\nUNION ALL\n')}\n)`,
    'GROUP BY person',
  ].join('\n');
  return { sql, params: params.values };
}

type Writing = Context & { params: SqlParams; properties: PropertySql; project: string };

function eventEdges(leaves: readonly Leaf[], writing: Writing): string[] {
  const { params, within, project } = writing;
  const edges = new EdgeSql(params, writing.properties, writing);
  const expressions = leaves.filter(isEventLeaf).flatMap((leaf) => edges.of(leaf));
  if (expressions.length === 0) return [];
  const scopes = mergeScopes(expressions.map(({ scope }) => scope));
  const rows = scopes.map((scope) => `(${toScopeSql(scope, params).join(' AND ')})`).join('\n    OR ');
  const moments = [...new Set(expressions.map(({ sql }) => `toInt64(${sql})`))];
  const person = within?.person ?? 'person';
  return [
    [
      `SELECT ${person === 'person' ? 'person' : `${person} AS person`}, arrayReduce('min', arrayFilter(moment -> moment > 0, [${moments.join(',\n  ')}])) AS edge`,
      `FROM ${EVENT_TABLE}`,
      `WHERE ${[`project_id = ${project}`, ...(within ? [`user_id IN (${within.users})`] : []), `(${rows})`].join('\n  AND ')}`,
      `GROUP BY ${person}`,
      'HAVING edge > 0',
    ].join('\n'),
  ];
}

function profileEdges(leaf: AnniversaryCondition, writing: Writing): string {
  const { params, within, project } = writing;
  const turns = anniversaryTurns(leaf, writing);
  const days = params.bind([...turns.keys()], 'Array(String)');
  const moments = params.bind([...turns.values()], 'Array(Int64)');
  const moment = `transform(${monthDaySql(leaf.anniversary.property, writing)}, ${days}, ${moments}, toInt64(0))`;
  return [
    `SELECT user_id AS person, ${moment} AS edge`,
    `FROM ${PROFILE_TABLE} FINAL`,
    `WHERE ${[`project_id = ${project}`, ...(within ? [`user_id IN (${within.persons})`] : []), 'edge > 0'].join('\n  AND ')}`,
  ].join('\n');
}

/** Conditions on who the user is change with the profile only; an anniversary turns with the day. */
function isAnniversary(leaf: Leaf): leaf is AnniversaryCondition {
  // A list or a snapshot of values that changes is another definition: everyone is computed anew.
  if (isEventLeaf(leaf) || 'profile' in leaf || 'bucket' in leaf || 'list' in leaf || isValueLeaf(leaf))
    return false;
  // A new kind of condition has to say here when it changes by itself.
  const turning: AnniversaryCondition = leaf;
  return 'anniversary' in turning;
}
