import type { Condition } from './condition.js';
import { childrenOf, isEventCondition } from './condition.js';
import { meetsComparison } from './meets-comparison.js';

/** Whether a condition asks for properties of the profile anywhere. */
export function asksProfile(condition: Condition): boolean {
  return 'profile' in condition || childrenOf(condition).some(asksProfile);
}

/** Whether a condition asks for events anywhere. */
export function asksEvents(condition: Condition): boolean {
  return isEventCondition(condition) || childrenOf(condition).some(asksEvents);
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
  if ('profile' in condition) return null;
  if (isEventCondition(condition)) {
    const fn = condition.measure?.fn ?? 'count';
    return meetsComparison(fn === 'avg' || fn === 'min' || fn === 'max' ? null : 0, condition.compare);
  }
  const children = childrenOf(condition).map(withoutEvents);
  if ('all' in condition) return not(someOf(children.map(not)));
  return 'any' in condition ? someOf(children) : not(someOf(children));
}

function someOf(children: readonly (boolean | null)[]): boolean | null {
  if (children.includes(true)) return true;
  return children.includes(null) ? null : false;
}

function not(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}
