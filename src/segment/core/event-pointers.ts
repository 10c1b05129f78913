import { type Condition, groupOf } from './condition.js';

/** Every event name in a tree with the JSON Pointer to it, from `pointer` on. */
export function eventPointers(condition: Condition, pointer: string): { event: string; pointer: string }[] {
  if ('segment' in condition) return [];
  if ('event' in condition) return [{ event: condition.event, pointer: `${pointer}/event` }];
  if ('stopped' in condition)
    return [{ event: condition.stopped.event, pointer: `${pointer}/stopped/event` }];
  if ('resumed' in condition)
    return [{ event: condition.resumed.event, pointer: `${pointer}/resumed/event` }];
  if ('sequence' in condition) {
    return condition.sequence.flatMap(({ event, without = [] }, step) => [
      { event, pointer: `${pointer}/sequence/${step}/event` },
      ...without.map((each, index) => ({
        event: each.event,
        pointer: `${pointer}/sequence/${step}/without/${index}/event`,
      })),
    ]);
  }
  const group = groupOf(condition);
  return (group?.children ?? []).flatMap((child, index) =>
    eventPointers(child, `${pointer}/${group?.kind}/${index}`),
  );
}
