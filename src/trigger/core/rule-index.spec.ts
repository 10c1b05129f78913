import { describe, expect, it } from '@jest/globals';
import type { TrackedRecord } from '../../kernel/event.js';
import type { JsonObject } from '../../kernel/json.js';
import type { PropertyFilter } from '../../kernel/property-filter.js';
import type { TriggerVersion } from './rule.js';
import { RuleIndex } from './rule-index.js';

function aTrigger(triggerId: string, event: string, where: PropertyFilter[] = []): TriggerVersion {
  const rule = { version: 1 as const, on: { event, where }, latenessHours: 24, actions: [{ type: 'note' }] };
  return { triggerId, version: 1, projectId: 1, name: triggerId, rule, isCurrent: true };
}

function anEvent(event: string, properties: JsonObject = {}, projectId = 1): TrackedRecord {
  return { event, properties, projectId } as TrackedRecord;
}

const idsOf = (found: TriggerVersion[]) => found.map(({ triggerId }) => triggerId);

describe('the index of rules', () => {
  const few = new RuleIndex([aTrigger('a', 'View'), aTrigger('b', 'Pay')]);

  it('finds the triggers of an event, in their project only', () => {
    expect(idsOf(few.lookUp(anEvent('View')).on)).toEqual(['a']);
    expect(idsOf(few.lookUp(anEvent('View', {}, 2)).on)).toEqual([]);
    expect(few.concerns(anEvent('View'))).toBe(true);
    expect(few.concerns(anEvent('Leave'))).toBe(false);
  });

  it('still concerns itself with events of a version that is no longer current', () => {
    const index = new RuleIndex([{ ...aTrigger('a', 'View'), isCurrent: false }]);
    expect(index.concerns(anEvent('View'))).toBe(true);
    expect(index.lookUp(anEvent('View')).on).toEqual([]);
  });

  it('looks at one trigger of thousands on one event that each want another value', () => {
    const many = new RuleIndex([
      aTrigger('any', 'View'),
      ...Array.from({ length: 5_000 }, (_, i) =>
        aTrigger(`t${i}`, 'View', [
          { property: 'price', op: 'at_least', value: 1 },
          { property: 'product', op: 'equals', value: i },
        ]),
      ),
      aTrigger('list', 'View', [{ property: 'product', op: 'in', values: [7, 7, '7'] }]),
    ]);
    expect(idsOf(many.lookUp(anEvent('View', { product: 7 })).on)).toEqual(['any', 't7', 'list']);
    expect(idsOf(many.lookUp(anEvent('View', { product: '7' })).on)).toEqual(['any', 'list']);
    expect(idsOf(many.lookUp(anEvent('View')).on)).toEqual(['any']);
  });
});
