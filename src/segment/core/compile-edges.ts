import type { PropertySql } from '../../kernel/property-sql.js';
import type { SqlParams } from '../../kernel/sql-params.js';
import { anniversaryTurns } from './calendar-edges.js';
import { type Condition, type EventLeaf, isEventLeaf, type Leaf, leavesOf } from './condition.js';
import { type EdgeExpression, EdgeSql } from './edge-sql.js';
import { monthDaySql } from './profile-moment.js';
import type { AnniversaryCondition } from './references.js';
import type { AsOf } from './resolve-window.js';
import { isValueLeaf } from './value-condition.js';

type Writing = AsOf & { params: SqlParams; properties: PropertySql };

/**
 * When the answer of a segment may change for a person though nothing happens, ms since 1970: the person's edge.
 *
 * Until then the answer stays what it is, unless an event, the profile or the identity changes. An edge may be too
 * early, never too late: the least of when a window gains or loses an event, a time becomes so old, and a calendar or
 * an anniversary turns, whichever condition of the tree that is.
 */
export function eventEdges(leaves: readonly EventLeaf[], writing: Writing): EdgeExpression[] {
  const edges = new EdgeSql(writing.params, writing.properties, writing);
  return leaves.flatMap((leaf) => edges.of(leaf));
}

/** The edge by an anniversary, as an expression over a profile; 0 where there is none. */
export function profileEdge(leaf: AnniversaryCondition, writing: Writing): string {
  const { params } = writing;
  const turns = anniversaryTurns(leaf, writing);
  const days = params.bind([...turns.keys()], 'Array(String)');
  const moments = params.bind([...turns.values()], 'Array(Int64)');
  return `transform(${monthDaySql(leaf.anniversary.property, writing)}, ${days}, ${moments}, toInt64(0))`;
}

/** The first of moments, of which 0 is none. */
export function earliest(moments: readonly string[]): string {
  if (moments.length < 2) return moments[0] ?? 'toInt64(0)';
  return `arrayReduce('min', arrayFilter(moment -> moment > 0, [${moments.join(',\n  ')}]))`;
}

/** The conditions of a tree that turn with the day, whatever the events. */
export function anniversariesOf(condition: Condition): AnniversaryCondition[] {
  return leavesOf(condition).filter(isAnniversary);
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
