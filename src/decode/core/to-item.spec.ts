import type { Json, JsonObject } from '../../kernel/json.js';
import { isItem, toItem } from './to-item.js';

const raw = (change: JsonObject = {}): JsonObject => ({
  type: 'item_set',
  item_type: 'book',
  item_id: '0321714113',
  ...change,
});
const toOutcome = (change: JsonObject, properties: JsonObject = {}) => toItem(raw(change), properties, 7);

describe('a record of an item', () => {
  it('is known by its type', () => {
    expect([raw(), raw({ type: 'item_delete' }), raw({ type: 'track' })].map(isItem)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('becomes a set with clean properties', () => {
    const properties = { title: 'Primer', price: 31.54, 'no good': 1, $project: 'default', pages: { a: 1 } };
    expect(toOutcome({}, properties)).toEqual({
      kind: 'item',
      refusedProperties: 1,
      item: {
        projectId: 7,
        type: 'item_set',
        itemType: 'book',
        itemId: '0321714113',
        properties: { title: 'Primer', price: 31.54, pages: '{"a":1}' },
      },
    });
  });

  it('becomes a delete, whose properties say nothing', () => {
    expect(toOutcome({ type: 'item_delete' }, { title: 'x' })).toMatchObject({
      kind: 'item',
      item: { type: 'item_delete', properties: {} },
    });
  });

  it.each<[string, Json | undefined, Json | undefined, string]>([
    ['no item type', undefined, '1', 'invalid_name'],
    ['an item type that is no name', '../books', '1', 'invalid_name'],
    ['an item type that objects inherit', 'constructor', '1', 'invalid_name'],
    ['no item id', 'book', undefined, 'missing_item_id'],
    ['an empty item id', 'book', '', 'missing_item_id'],
    ['an item id that is a list', 'book', ['1'], 'invalid_name'],
    ['an item id that is too long', 'book', 'x'.repeat(256), 'invalid_name'],
    ['an item id with NUL', 'book', 'a\u0000', 'invalid_name'],
  ])('with %s is a dead letter', (_name, itemType, itemId, reason) => {
    const record = raw();
    if (itemType === undefined) delete record['item_type'];
    else record['item_type'] = itemType;
    if (itemId === undefined) delete record['item_id'];
    else record['item_id'] = itemId;
    expect(toItem(record, {}, 7)).toMatchObject({ kind: 'dead', reason });
  });

  it('has an id that may look like a path or a number', () => {
    expect(toOutcome({ item_id: '../../etc/passwd' })).toMatchObject({
      item: { itemId: '../../etc/passwd' },
    });
    expect(toOutcome({ item_id: 42 })).toMatchObject({ item: { itemId: '42' } });
  });
});
