import type { PropertyFilter } from '../../kernel/property-filter.js';
import { type Condition, groupOf } from './condition.js';
import type { EventCondition } from './event-condition.js';
import type { EventChoice } from './sequence.js';
import { isSinceWindow, type Window } from './window.js';

/** A property that a definition names; `event` is null for one of the profile. */
export interface NamedProperty {
  property: string;
  event: string | null;
  pointer: string;
}

/** Every property in a tree with the JSON Pointer to it, from `pointer` on. */
export function propertyPointers(condition: Condition, pointer: string): NamedProperty[] {
  if ('segment' in condition || 'bucket' in condition || 'list' in condition) return [];
  if ('profile' in condition) return filtersAt([condition.profile], null, [`${pointer}/profile`]);
  if ('anniversary' in condition) {
    const { property } = condition.anniversary;
    return [{ property, event: null, pointer: `${pointer}/anniversary/property` }];
  }
  if ('event' in condition) return ofEvent(condition, pointer);
  if ('stopped' in condition) return ofChoice(condition.stopped, `${pointer}/stopped`);
  if ('resumed' in condition) return ofChoice(condition.resumed, `${pointer}/resumed`);
  if ('sequence' in condition) {
    const steps = condition.sequence.flatMap((step, index) => [
      ...ofChoice(step, `${pointer}/sequence/${index}`),
      ...(step.without ?? []).flatMap((each, at) =>
        ofChoice(each, `${pointer}/sequence/${index}/without/${at}`),
      ),
    ]);
    return [...steps, ...ofWindow(condition.window, pointer)];
  }
  const group = groupOf(condition);
  return (group?.children ?? []).flatMap((child, index) =>
    propertyPointers(child, `${pointer}/${group?.kind}/${index}`),
  );
}

function ofEvent(condition: EventCondition, pointer: string): NamedProperty[] {
  const { event, measure, window } = condition;
  const measured =
    measure && 'property' in measure
      ? [{ property: measure.property, event, pointer: `${pointer}/measure/property` }]
      : [];
  return [...ofChoice(condition, pointer), ...measured, ...ofWindow(window, pointer)];
}

function ofChoice({ event, where = [] }: EventChoice, pointer: string): NamedProperty[] {
  return filtersAt(
    where,
    event,
    where.map((_, index) => `${pointer}/where/${index}`),
  );
}

function ofWindow(window: Window, pointer: string): NamedProperty[] {
  return isSinceWindow(window)
    ? [{ property: window.since, event: null, pointer: `${pointer}/window/since` }]
    : [];
}

function filtersAt(
  filters: readonly PropertyFilter[],
  event: string | null,
  pointers: readonly string[],
): NamedProperty[] {
  return filters.map(({ property }, index) => ({ property, event, pointer: `${pointers[index]}/property` }));
}
