const NAME = /^[A-Za-z_$][A-Za-z0-9_$]{0,99}$/;
/** Legal by their letters, but a danger to every later copy of an object. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype', '__defineGetter__', '__defineSetter__']);
const REMEMBERED = 20_000;

/** Names that were found legal: SDKs send the same few again and again, and a look-up is cheaper than the rule. */
const known = new Set<string>();

/**
 * Whether a name of an event, property or identity may be stored.
 * Source: SensorsData naming rule, the same in every SDK (Chinese names are not legal).
 */
export function isLegalName(name: string): boolean {
  if (known.has(name)) return true;
  if (!NAME.test(name) || FORBIDDEN.has(name)) return false;
  if (known.size >= REMEMBERED) known.clear();
  known.add(name);
  return true;
}
