import type { JsonObject } from '../../kernel/json.js';

/** Longer texts are no address of any channel. */
const MAX_LENGTH = 500;

/** The address in a profile; null where there is none. Its form is for the channel to judge. */
export function findAddress(properties: JsonObject | undefined, property: string): string | null {
  const value =
    properties !== undefined && Object.hasOwn(properties, property) ? properties[property] : undefined;
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const address = String(value).trim();
  return address === '' || address.length > MAX_LENGTH ? null : address;
}
