import { type Condition, groupOf, leavesOf } from './condition.js';

/** How many definitions may lead from one to the next. */
export const MAX_REFERENCE_DEPTH = 5;
/** Most leaves of a definition with everything that it refers to. */
export const MAX_INLINED_LEAVES = 200;

/** Why a reference to another segment cannot be followed; the message is for people. */
export class ReferenceRefusal extends Error {
  constructor(
    /** JSON Pointer to the reference, from `where` on. */
    readonly pointer: string,
    readonly code:
      | 'unknown_segment'
      | 'unknown_list'
      | 'stale_values'
      | 'circular_reference'
      | 'too_many_references',
    message: string,
  ) {
    super(message);
  }
}

/** A reference in the tree, and where it stands. */
export interface Reference {
  segment: string;
  pointer: string;
}

/** The references that a tree itself has; those of the segments it refers to are not followed. */
export function referencesOf(where: Condition, pointer = ''): Reference[] {
  if ('segment' in where) return [{ segment: where.segment, pointer: `${pointer}/segment` }];
  const group = groupOf(where);
  return (group?.children ?? []).flatMap((child, index) =>
    referencesOf(child, `${pointer}/${group?.kind}/${index}`),
  );
}

/**
 * Puts in the place of every reference the definition that it refers to, so that all is asked of the same moment.
 * @param known definitions by the id of their segment, all that are led to
 * @param self the segment that the tree belongs to; null where it has none yet
 * @throws ReferenceRefusal where a reference leads nowhere, in a circle, too far, or to too much
 */
export function inlineSegments(
  where: Condition,
  known: ReadonlyMap<string, Condition>,
  self: string | null,
): Condition {
  const budget = { leaves: MAX_INLINED_LEAVES };
  return inline(where, { known, path: self === null ? [] : [self], pointer: '', isTop: true, budget });
}

interface Place {
  known: ReadonlyMap<string, Condition>;
  /** Segments that lead here. */
  path: readonly string[];
  pointer: string;
  /** Whether the pointer still follows the tree; it stops at the first reference. */
  isTop: boolean;
  /** How many leaves there may still be; shared, so that references to references cannot multiply. */
  budget: { leaves: number };
}

function inline(condition: Condition, place: Place): Condition {
  const down = (children: readonly Condition[], kind: string) =>
    children.map((child, index) =>
      inline(child, place.isTop ? { ...place, pointer: `${place.pointer}/${kind}/${index}` } : place),
    );
  if ('all' in condition) return { all: down(condition.all, 'all') };
  if ('any' in condition) return { any: down(condition.any, 'any') };
  if ('none' in condition) return { none: down(condition.none, 'none') };
  if ('segment' in condition) return follow(condition.segment, place);
  place.budget.leaves -= leavesOf(condition).length;
  if (place.budget.leaves < 0) {
    throw new ReferenceRefusal(
      place.pointer,
      'too_many_references',
      `With the segments that it refers to, a definition may have at most ${MAX_INLINED_LEAVES} conditions.`,
    );
  }
  return condition;
}

function follow(segment: string, place: Place): Condition {
  const { known, path, pointer, isTop } = place;
  const at = isTop ? `${pointer}/segment` : pointer;
  const way = [...path, segment];
  if (path.includes(segment)) {
    throw new ReferenceRefusal(
      at,
      'circular_reference',
      `The segments refer to each other in a circle: ${way.join(' → ')}.`,
    );
  }
  const definition = known.get(segment);
  if (!definition)
    throw new ReferenceRefusal(at, 'unknown_segment', `There is no segment ${way.join(' → ')}.`);
  if (way.length > MAX_REFERENCE_DEPTH + 1) {
    throw new ReferenceRefusal(
      at,
      'too_many_references',
      `At most ${MAX_REFERENCE_DEPTH} segments may refer to one another in a row: ${way.join(' → ')}.`,
    );
  }
  return { segment, is: inline(definition, { ...place, path: way, pointer: at, isTop: false }) };
}
