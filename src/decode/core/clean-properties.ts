import type { Json, JsonObject } from '../../kernel/json.js';
import { isLegalName } from './names.js';
import { toStorable } from './storable-text.js';

export const MAX_PROPERTIES = 1_000;
/** UTF-16 units; the mobile SDKs cut at the same length. */
export const MAX_STRING_LENGTH = 8_192;
export const MAX_LIST_LENGTH = 500;
export const MAX_DEPTH = 32;
/** UTF-16 units of all texts of a record together. */
export const MAX_TOTAL_LENGTH = 1024 * 1024;
const NAMED_REFUSALS = 20;

/** How the values of one record type have to look. */
export type ValueRule = 'any' | 'numbers' | 'lists' | 'names';

export interface CleanProperties {
  properties: JsonObject;
  /** How many properties could not be stored. */
  refusedCount: number;
  /** Names of the first 20 of them, cut at 100 characters. */
  refusedNames: string[];
}

/**
 * Makes properties fit to be stored: a bad one goes, its record stays.
 *
 * Texts are cut, nested objects become JSON text, lists become lists of texts, null is left out. Refused are illegal
 * names, numbers that are not finite, values nested too deep, values against the rule, all beyond 1,000, and a text
 * with which all texts together would be longer than 1 MiB.
 * Changes `raw` in place and gives it back where nothing has to go: this runs for every property of every event.
 */
export function cleanProperties(
  raw: JsonObject,
  rule: ValueRule,
  lifted: ReadonlySet<string> | null,
): CleanProperties {
  let count = 0;
  let room = MAX_TOTAL_LENGTH;
  const gone: string[] = [];
  const refused: string[] = [];
  for (const name in raw) {
    const value = raw[name] as Json;
    if (lifted?.has(name) || (value === null && rule !== 'names')) {
      gone.push(name);
      continue;
    }
    const clean = count < MAX_PROPERTIES && isLegalName(name) ? cleanValue(value, rule) : null;
    const length = lengthOf(clean);
    if (length > room) {
      gone.push(name);
      refused.push(name);
      continue;
    }
    count++;
    room -= length;
    if (clean !== value) raw[name] = clean;
  }
  return {
    properties: gone.length > 0 ? without(raw, new Set(gone)) : raw,
    refusedCount: refused.length,
    refusedNames: refused.slice(0, NAMED_REFUSALS).map((name) => toStorable(name, 100)),
  };
}

/** Null: it cannot be stored. */
function cleanValue(value: Json, rule: ValueRule): Json {
  switch (rule) {
    case 'any':
      return cleanAny(value);
    case 'numbers':
      return typeof value === 'number' && Number.isFinite(value) ? value : null;
    case 'lists':
      return toList(Array.isArray(value) ? value : [value]);
    case 'names':
      return true;
  }
}

function cleanAny(value: Json): Json {
  switch (typeof value) {
    case 'string':
      return toStorable(value, MAX_STRING_LENGTH);
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'boolean':
      return value;
    default:
      return Array.isArray(value) ? toList(value) : toJsonText(value);
  }
}

/** Of the texts of a clean value; there is no room for one that cannot be stored. */
function lengthOf(value: Json): number {
  if (value === null) return Number.POSITIVE_INFINITY;
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value)) return 0;
  return value.reduce<number>((sum, text) => sum + (text as string).length, 0);
}

/** A list of texts, as every SDK defines a list; null where an element is nested too deep. */
function toList(values: readonly Json[]): string[] | null {
  const list: string[] = [];
  for (const value of values) {
    if (list.length === MAX_LIST_LENGTH) break;
    const text = toText(value);
    if (text === null) return null;
    if (value !== null) list.push(text);
  }
  return list;
}

function toText(value: Json): string | null {
  if (typeof value === 'string') return toStorable(value, MAX_STRING_LENGTH);
  if (typeof value === 'object' && value !== null) return toJsonText(value);
  return String(value);
}

function toJsonText(value: Json): string | null {
  return isDeeperThan(value, MAX_DEPTH) ? null : toStorable(JSON.stringify(value), MAX_STRING_LENGTH);
}

/** Whether a value is nested deeper than `depth` levels; never goes deeper itself. */
export function isDeeperThan(value: Json, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  const children = Array.isArray(value) ? value : Object.values(value);
  return children.some((child) => isDeeperThan(child, depth - 1));
}

/** A copy, for an object that lost a property is slow in everything that comes after. */
function without(raw: JsonObject, gone: ReadonlySet<string>): JsonObject {
  const rest: JsonObject = {};
  for (const name in raw) {
    if (!gone.has(name)) rest[name] = raw[name] as Json;
  }
  return rest;
}
