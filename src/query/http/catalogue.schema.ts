import { z } from 'zod';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';
import { WARNINGS } from './query.schema.js';

const COUNT = z.number().int().min(0);
const INSTANT = z.iso.datetime();

export const CATALOGUE_QUERY = PAGE_QUERY.extend({
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(400)
    .default(30)
    .describe('How many days until now are looked at; whole days in UTC, so up to one more'),
  search: STORABLE_TEXT.max(200)
    .default('')
    .describe('Only names that hold this text; upper and lower case are the same'),
});
export type CatalogueQuery = z.infer<typeof CATALOGUE_QUERY>;

const FACTS = {
  range: z
    .object({ from: INSTANT, to: INSTANT })
    .describe('What was looked at; all figures are of this time'),
  rowsRead: COUNT,
  elapsedMs: COUNT,
};

export const EVENT_CATALOGUE = pageOf(
  z.object({
    name: z.string(),
    isSystem: z.boolean().describe('Recorded by Rekindle, such as $MessageSent'),
    events: COUNT,
    persons: COUNT.describe('Merges included'),
    firstSeenAt: INSTANT.describe('Within the range'),
    lastSeenAt: INSTANT,
  }),
).extend(FACTS);

export const PROPERTY_CATALOGUE = pageOf(
  z.object({
    name: z.string(),
    share: z.number().describe('Fraction of the sampled events that have it'),
    types: z.array(
      z.object({ type: z.enum(['text', 'number', 'boolean', 'list', 'object']), events: COUNT }),
    ),
    distinctValues: COUNT.describe('Different values in the sample'),
    examples: z
      .array(z.object({ value: z.unknown(), events: COUNT }))
      .describe('The most frequent values of the sample, without long ones'),
  }),
).extend({
  ...FACTS,
  events: COUNT.describe('Events of this name within the range'),
  sampled: COUNT.describe(
    'How many of them were looked into: the first ones of users out of the whole range of users',
  ),
  warnings: WARNINGS,
});
