import { type Condition, leavesOf } from './condition.js';
import { ReferenceRefusal } from './inline-segments.js';
import type { ListCondition } from './list-condition.js';

/** The lists that a tree asks for, also in the segments that were put into it; each once. */
export function listsOf(where: Condition): string[] {
  return [...new Set(listLeavesOf(where).map(({ list }) => list))];
}

export function listLeavesOf(where: Condition): ListCondition[] {
  return leavesOf(where).filter((leaf) => 'list' in leaf);
}

/**
 * Puts into every condition on a list the uploads that the list is made of.
 * @param known uploads by the id of their list
 * @throws ReferenceRefusal where there is no such list; its pointer stops at the first reference to a segment
 */
export function inlineLists(
  where: Condition,
  known: ReadonlyMap<string, readonly number[]>,
  pointer = '',
): Condition {
  const down = (children: readonly Condition[], kind: string) =>
    children.map((child, index) => inlineLists(child, known, `${pointer}/${kind}/${index}`));
  if ('all' in where) return { all: down(where.all, 'all') };
  if ('any' in where) return { any: down(where.any, 'any') };
  if ('none' in where) return { none: down(where.none, 'none') };
  if ('segment' in where && where.is)
    return { ...where, is: inlineWithin(where.is, known, `${pointer}/segment`) };
  if (!('list' in where)) return where;
  const uploads = known.get(where.list);
  if (!uploads)
    throw new ReferenceRefusal(`${pointer}/list`, 'unknown_list', `There is no list ${where.list}.`);
  return { list: where.list, uploads };
}

function inlineWithin(
  where: Condition,
  known: ReadonlyMap<string, readonly number[]>,
  pointer: string,
): Condition {
  try {
    return inlineLists(where, known);
  } catch (error) {
    if (!(error instanceof ReferenceRefusal)) throw error;
    throw new ReferenceRefusal(pointer, error.code, error.message);
  }
}
