import type { TrackedRecord } from '../../kernel/event.js';
import type { Json, JsonObject } from '../../kernel/json.js';

export interface ProfileState {
  properties: JsonObject;
  isDeleted: boolean;
}

/** A list property keeps at most this many values: the oldest stay. */
const LIST_LIMIT = 500;
/** UTF-16 units of all names and texts of a profile together. */
const MAX_PROFILE_LENGTH = 1024 * 1024;
/** A row of ClickHouse holds 16,383 (`RowWriter.json`). */
const MAX_PROFILE_PROPERTIES = 10_000;

/**
 * Applies one profile record.
 * set overwrites; set_once keeps the first value; increment adds to a number and treats anything else as 0, and
 * leaves out what would be beyond all numbers;
 * append adds the values that the list has not yet, in order; unset removes; delete removes everything.
 * Source: SensorsData profile semantics (wire-formats A9).
 */
export function applyProfile(
  state: ProfileState,
  record: Pick<TrackedRecord, 'type' | 'properties'>,
): ProfileState {
  const given = record.properties;
  switch (record.type) {
    case 'profile_set':
      return alive({ ...state.properties, ...given });
    case 'profile_set_once':
      return alive({ ...given, ...state.properties });
    case 'profile_increment':
      return alive({ ...state.properties, ...increments(state.properties, given) });
    case 'profile_append':
      return alive({ ...state.properties, ...appends(state.properties, given) });
    case 'profile_unset':
      return alive(without(state.properties, Object.keys(given)));
    case 'profile_delete':
      return { properties: {}, isDeleted: true };
    default:
      return state;
  }
}

/** Whether a profile is larger than any may be: one that grows for ever would end by failing its batch. */
export function isTooLarge(properties: JsonObject): boolean {
  let length = 0;
  let count = 0;
  for (const name in properties) {
    const value = properties[name];
    count++;
    length += name.length;
    if (typeof value === 'string') length += value.length;
    else if (Array.isArray(value)) for (const item of value) length += String(item).length;
  }
  return length > MAX_PROFILE_LENGTH || count > MAX_PROFILE_PROPERTIES;
}

function alive(properties: JsonObject): ProfileState {
  return { properties, isDeleted: false };
}

function increments(present: JsonObject, given: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [key, by] of Object.entries(given)) {
    if (typeof by !== 'number') continue;
    const before = present[key];
    const sum = (typeof before === 'number' ? before : 0) + by;
    if (Number.isFinite(sum)) result[key] = sum;
  }
  return result;
}

function appends(present: JsonObject, given: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [key, added] of Object.entries(given)) {
    const list: Json[] = toList(present[key]);
    const seen = new Set(list);
    for (const value of toList(added)) {
      if (list.length >= LIST_LIMIT || seen.has(value)) continue;
      seen.add(value);
      list.push(value);
    }
    result[key] = list;
  }
  return result;
}

function toList(value: Json | undefined): Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? [...value] : [value];
}

function without(properties: JsonObject, names: readonly string[]): JsonObject {
  const gone = new Set(names);
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !gone.has(name)));
}
