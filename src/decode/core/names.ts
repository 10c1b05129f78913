import { isSystemEvent } from '../../kernel/event.js';
import type { Json, JsonObject } from '../../kernel/json.js';
import { dead, type Failure } from '../../kernel/outcome.js';
import { isStorable } from './storable-text.js';

const MAX_NAME_LENGTH = 100;
const NAME = /^[A-Za-z_$][A-Za-z0-9_$]{0,99}$/;
/** Legal by their letters, but every object has them already: a danger to whatever reads or copies one. */
const FORBIDDEN = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);
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

/**
 * Reads the name of an event from clients whose names are free text, such as `Order Completed`.
 * @returns a failure where there is none, or one that cannot be stored, or that only Rekindle uses
 */
export function readEventName(raw: Json | undefined): { kind: 'ok'; name: string } | Failure {
  if (raw === undefined || raw === null || raw === '') {
    return dead('missing_event_name', 'The record names no event.');
  }
  if (typeof raw !== 'string' || raw.trim() === '' || raw.length > MAX_NAME_LENGTH || !isStorable(raw)) {
    return dead('invalid_name', `An event name is a text of 1 to ${MAX_NAME_LENGTH} characters.`);
  }
  if (isSystemEvent(raw)) return dead('invalid_name', `${raw} is an event that only Rekindle records.`);
  return { kind: 'ok', name: raw };
}

/**
 * Makes the names of properties legal: every other character becomes `_`, and a digit in front gets one before it.
 * Names that are legal stay, and win over names that would become the same. A name of which no letter or digit would
 * be left, or that is taken, stays as it is, to be refused.
 */
export function withLegalNames(raw: JsonObject): JsonObject {
  const renamed: JsonObject = {};
  const taken = new Set(Object.keys(raw).filter(isLegalName));
  for (const name of Object.keys(raw)) {
    const legal = taken.has(name) ? name : toLegalName(name);
    const isFree = isLegalName(legal) && !taken.has(legal);
    if (isFree) taken.add(legal);
    define(renamed, isFree ? legal : name, raw[name] as Json);
  }
  return renamed;
}

function toLegalName(name: string): string {
  const plain = name.slice(0, MAX_NAME_LENGTH).replace(/[^A-Za-z0-9_$]/gu, '_');
  if (!/[A-Za-z0-9]/.test(plain)) return name;
  return (/^\d/.test(plain) ? `_${plain}` : plain).slice(0, MAX_NAME_LENGTH);
}

/** Sets a property of that very name, `__proto__` too. */
function define(target: JsonObject, name: string, value: Json): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
