import type { ItemRecord } from '../../kernel/event.js';
import { latestOfItems } from './latest-of-items.js';

const set = (projectId: number, itemType: string, itemId: string, title: string): ItemRecord => ({
  projectId,
  type: 'item_set',
  itemType,
  itemId,
  properties: { title },
});

describe('the records of a batch about items', () => {
  it('count by their last word on each item', () => {
    const deleted: ItemRecord = { ...set(1, 'book', '1', ''), type: 'item_delete', properties: {} };
    const records = [set(1, 'book', '1', 'a'), set(1, 'book', '2', 'b'), deleted, set(1, 'book', '2', 'c')];
    expect(latestOfItems(records)).toEqual([deleted, set(1, 'book', '2', 'c')]);
  });

  it('are told apart by project, type and id', () => {
    const records = [
      set(1, 'book', '1', 'a'),
      set(2, 'book', '1', 'b'),
      set(1, 'film', '1', 'c'),
      set(1, 'book', ' 1', 'd'),
    ];
    expect(latestOfItems(records)).toEqual(records);
  });
});
