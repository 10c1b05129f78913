import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject } from './json.js';

/** Text that every store can keep: neither NUL nor half a surrogate pair. */
export const STORABLE_TEXT = z
  .string()
  .regex(/^[^\0\p{Surrogate}]*$/u, 'contains a character that cannot be stored');

export const PROPERTY_NAME = z
  .string()
  .regex(
    /^[A-Za-z_$][A-Za-z0-9_$]{0,99}$/,
    'a property name has letters, digits, _ and $ and at most 100 characters',
  );
const TEXT = STORABLE_TEXT.max(1024);
const SCALAR = z.union([TEXT, z.number(), z.boolean()]);

/**
 * One condition on one property of an event or a profile.
 * A property that is absent meets only `is_not_set`, `not_equals` and `not_in`; null and an object count as absent.
 * A list is set, and is neither equal to any value nor does it contain, start or end with any text.
 */
export const PROPERTY_FILTER = z.discriminatedUnion('op', [
  z.strictObject({
    property: PROPERTY_NAME,
    op: z.enum(['equals', 'not_equals']),
    value: SCALAR,
  }),
  z.strictObject({
    property: PROPERTY_NAME,
    op: z.enum(['in', 'not_in']),
    values: z.array(SCALAR).min(1).max(1000),
  }),
  z.strictObject({
    property: PROPERTY_NAME,
    op: z.enum(['greater_than', 'at_least', 'less_than', 'at_most']),
    value: z.number(),
  }),
  z.strictObject({
    property: PROPERTY_NAME,
    op: z.enum(['contains', 'starts_with', 'ends_with']),
    value: TEXT.min(1),
  }),
  z.strictObject({
    property: PROPERTY_NAME,
    op: z.enum(['is_set', 'is_not_set']),
  }),
]);
export type PropertyFilter = z.infer<typeof PROPERTY_FILTER>;

/** Whether the properties meet every filter. The meaning is that of the compiled SQL, value for value. */
export function matchesFilters(filters: readonly PropertyFilter[], properties: JsonObject): boolean {
  return filters.every((filter) => matchesFilter(filter, readProperty(properties, filter.property)));
}

/** A property of its own, never one that JavaScript objects inherit, such as `constructor`. */
export function readProperty(properties: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}

function matchesFilter(filter: PropertyFilter, actual: Json | undefined): boolean {
  const isSet = actual !== undefined && actual !== null && !isJsonObject(actual);
  switch (filter.op) {
    case 'is_set':
      return isSet;
    case 'is_not_set':
      return !isSet;
    case 'equals':
      return isSet && equals(actual, filter.value);
    case 'not_equals':
      return !isSet || !equals(actual, filter.value);
    case 'in':
      return isSet && filter.values.some((value) => equals(actual, value));
    case 'not_in':
      return !isSet || !filter.values.some((value) => equals(actual, value));
    case 'contains':
      return typeof actual === 'string' && actual.includes(filter.value);
    case 'starts_with':
      return typeof actual === 'string' && actual.startsWith(filter.value);
    case 'ends_with':
      return typeof actual === 'string' && actual.endsWith(filter.value);
    default:
      return typeof actual === 'number' && compares(filter.op, actual, filter.value);
  }
}

/** Values of different types are never equal: the text "5" is not the number 5. */
function equals(actual: Json, expected: string | number | boolean): boolean {
  return actual === expected;
}

function compares(
  op: 'greater_than' | 'at_least' | 'less_than' | 'at_most',
  actual: number,
  bound: number,
): boolean {
  switch (op) {
    case 'greater_than':
      return actual > bound;
    case 'at_least':
      return actual >= bound;
    case 'less_than':
      return actual < bound;
    case 'at_most':
      return actual <= bound;
  }
}
