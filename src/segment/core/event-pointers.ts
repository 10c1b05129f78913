import { type Condition, childrenOf, isEventCondition } from './condition.js';

/** Every event name in a tree with the JSON Pointer to it, from `pointer` on. */
export function eventPointers(condition: Condition, pointer: string): { event: string; pointer: string }[] {
  if (isEventCondition(condition)) return [{ event: condition.event, pointer: `${pointer}/event` }];
  const group = ['all', 'any', 'none'].find((key) => key in condition) ?? '';
  return childrenOf(condition).flatMap((child, index) =>
    eventPointers(child, `${pointer}/${group}/${index}`),
  );
}
