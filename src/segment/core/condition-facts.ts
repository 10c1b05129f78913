import { meetsComparison } from '../../kernel/number-compare.js';
import { type Condition, groupOf, isEventLeaf, leavesOf } from './condition.js';
import { isNothingOfNone } from './measure.js';
import { isSinceWindow } from './window.js';

/** Whether a condition asks for anything but events anywhere. */
export function asksPerson(condition: Condition): boolean {
  return leavesOf(condition).some((leaf) => !isEventLeaf(leaf) || isSinceWindow(leaf.window));
}

/** Whether a condition asks for events anywhere. */
export function asksEvents(condition: Condition): boolean {
  return leavesOf(condition).some(isEventLeaf);
}

/**
 * Whether the condition can hold for a user none of whose events it looks at, such as an absence can.
 * Where it cannot, the users are found among those with events; else all users have to be looked at.
 */
export function canHoldWithoutEvents(condition: Condition): boolean {
  return withoutEvents(condition) !== false;
}

/** @returns null where it depends on the profile */
function withoutEvents(condition: Condition): boolean | null {
  const group = groupOf(condition);
  if (group) {
    const children = group.children.map(withoutEvents);
    if (group.kind === 'all') return not(someOf(children.map(not)));
    return group.kind === 'any' ? someOf(children) : not(someOf(children));
  }
  if ('sequence' in condition) return false;
  if (!('event' in condition)) return null;
  const { measure, compare, window } = condition;
  if (isNothingOfNone(measure?.fn ?? 'count') || !('value' in compare) || !meetsComparison(0, compare))
    return false;
  return isSinceWindow(window) ? null : true;
}

function someOf(children: readonly (boolean | null)[]): boolean | null {
  if (children.includes(true)) return true;
  return children.includes(null) ? null : false;
}

function not(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}
