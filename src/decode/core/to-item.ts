import type { ItemRecord } from '../../kernel/event.js';
import type { ProjectId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import { dead, type Failure } from '../../kernel/outcome.js';
import { cleanProperties } from './clean-properties.js';
import { MAX_ID_LENGTH, toId } from './identities-of-record.js';
import { isLegalName } from './names.js';

export type ItemRecordOutcome = { kind: 'item'; item: ItemRecord; refusedProperties: number } | Failure;

/** They say where a record belongs, and nothing about the item. */
const NOT_OF_THE_ITEM: ReadonlySet<string> = new Set(['$project', '$token', '$time']);

/** Whether a record changes the catalogue and not a user. */
export function isItem(raw: JsonObject): boolean {
  return raw['type'] === 'item_set' || raw['type'] === 'item_delete';
}

/**
 * Turns an `item_set` or `item_delete` record into ours, or says why it cannot be. Its properties are cleaned like
 * those of an event; a delete has none.
 *
 * Source: manual of SensorsData, "item metadata": item type and item id together name an item; a set overwrites it.
 */
export function toItem(raw: JsonObject, properties: JsonObject, projectId: ProjectId): ItemRecordOutcome {
  const itemType = raw['item_type'];
  if (typeof itemType !== 'string' || !isLegalName(itemType))
    return dead('invalid_name', 'An item type has letters, digits, _ and $, at most 100.');
  const given = raw['item_id'];
  const itemId = toId(given);
  if (itemId === null) {
    const isAbsent = given === undefined || given === null || given === '';
    return isAbsent
      ? dead('missing_item_id', 'The record has no item_id.')
      : dead(
          'invalid_name',
          `item_id is a text of at most ${MAX_ID_LENGTH} characters that can all be stored.`,
        );
  }
  const named = { projectId, itemType, itemId };
  if (raw['type'] === 'item_delete')
    return { kind: 'item', refusedProperties: 0, item: { ...named, type: 'item_delete', properties: {} } };
  const clean = cleanProperties(properties, 'any', NOT_OF_THE_ITEM);
  const item: ItemRecord = { ...named, type: 'item_set', properties: clean.properties };
  return { kind: 'item', refusedProperties: clean.refusedCount, item };
}
