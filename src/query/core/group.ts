import { z } from 'zod';
import type { Json } from '../../kernel/json.js';
import { PROPERTY_NAME } from '../../kernel/property-filter.js';

/**
 * What events are grouped by: their name, the SDK that sent them, a property of theirs, or one of the person's profile
 * as it is now. A list is one value as a whole.
 */
export const GROUP = z.discriminatedUnion('by', [
  z.strictObject({ by: z.enum(['event', 'source']) }),
  z.strictObject({ by: z.enum(['property', 'profile']), property: PROPERTY_NAME }),
]);
export type Group = z.infer<typeof GROUP>;

/** Reads what `EventSql.group` wrote. @returns null where there is no value */
export function parseGroupValue(text: string): Json {
  return text === '' ? null : (JSON.parse(text) as Json);
}
