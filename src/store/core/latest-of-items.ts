import type { ItemRecord } from '../../kernel/event.js';

/** The last record of each item: a set replaces all there was before, so no other matters. */
export function latestOfItems(records: readonly ItemRecord[]): ItemRecord[] {
  const latest = new Map<string, ItemRecord>();
  for (const record of records) {
    // Neither a project nor an item type holds a space.
    latest.set(`${record.projectId} ${record.itemType} ${record.itemId}`, record);
  }
  return [...latest.values()];
}
