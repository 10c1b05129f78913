import { z } from 'zod';
import { PROPERTY_NAME, STORABLE_TEXT } from '../../kernel/property-filter.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';

const MAX_PROPERTIES = 1_000;
const TEXT = STORABLE_TEXT.max(8_192);

export const ITEM_PATH = z.object({
  itemType: PROPERTY_NAME.describe('Type of the item, such as `book`'),
  itemId: STORABLE_TEXT.min(1).max(255).describe('Id of the item within its type'),
});
export type ItemPath = z.infer<typeof ITEM_PATH>;
export const ITEM_TYPE_PATH = ITEM_PATH.pick({ itemType: true });
export type ItemTypePath = z.infer<typeof ITEM_TYPE_PATH>;

export const ITEM_QUERY = PAGE_QUERY.extend({
  contains: STORABLE_TEXT.min(1)
    .max(200)
    .optional()
    .describe('Text in the id or in the properties, whatever its case'),
});
export type ItemQuery = z.infer<typeof ITEM_QUERY>;

export const SET_ITEM = z.strictObject({
  properties: z
    .record(PROPERTY_NAME, z.union([TEXT, z.number(), z.boolean(), z.array(TEXT).max(500)]))
    .refine(
      (properties) => Object.keys(properties).length <= MAX_PROPERTIES,
      `has at most ${MAX_PROPERTIES} properties`,
    )
    .describe('All properties of the item: those it had before are gone'),
});
export type SetItem = z.infer<typeof SET_ITEM>;

export const ITEM = z.object({
  type: z.string(),
  id: z.string(),
  properties: z.record(z.string(), z.unknown()),
  updatedAt: z.iso.datetime(),
});
export type ShownItem = z.infer<typeof ITEM>;
export const ITEM_PAGE = pageOf(ITEM);

export const ITEM_TYPE_PAGE = pageOf(
  z.object({ type: z.string(), itemCount: z.int(), updatedAt: z.iso.datetime() }),
);
