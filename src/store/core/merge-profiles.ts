import type { UserId } from '../../kernel/ids.js';
import type { Json, JsonObject } from '../../kernel/json.js';
import type { MergedProfile } from '../contract.js';
import { isTooLarge } from './apply-profile.js';
import { mergeTouches } from './touch.js';

/**
 * The profile of two persons that turned out to be one: what the absorbed one had fills the gaps, and the earlier first
 * and later latest touch count; unless the profile would become too large.
 */
export function mergeProfiles(into: JsonObject, from: JsonObject): JsonObject {
  const merged = mergeTouches({ ...from, ...into }, into, from);
  return isTooLarge(merged) ? into : merged;
}

/**
 * Takes the profile of a survivor apart again: what the merge changed is as before, unless it was changed since.
 * @param kept both profiles as they were when they were merged
 * @param later absorbed profiles of merges into the survivor since: what left may come from one of them as well
 */
export function splitProfile(
  present: JsonObject,
  kept: { into: JsonObject; from: JsonObject },
  later: readonly JsonObject[],
): JsonObject {
  const merged = mergeProfiles(kept.into, kept.from);
  const names = Object.keys({ ...kept.into, ...merged });
  const changed = names.filter(
    (name) => !isSame(merged[name], kept.into[name]) && isSame(merged[name], present[name]),
  );
  const before = copy({ ...present }, kept.into, changed);
  const after = later.reduce(mergeProfiles, before);
  return copy(before, after, changed);
}

function copy(to: JsonObject, from: JsonObject, names: readonly string[]): JsonObject {
  for (const name of names) {
    const value = from[name];
    if (value === undefined) delete to[name];
    else to[name] = value;
  }
  return to;
}

/** What a merge would make of some profiles, the first one staying. */
export function previewMergedProfile(
  profiles: readonly { userId: UserId; properties: JsonObject }[],
): MergedProfile {
  const [first, ...others] = profiles;
  const properties = others.reduce(
    (merged, other) => mergeProfiles(merged, other.properties),
    first?.properties ?? {},
  );
  const conflicts: MergedProfile['conflicts'] = [];
  for (const [property, value] of Object.entries(properties)) {
    const given = profiles.flatMap(({ userId, properties: own }) => {
      const ownValue = own[property];
      return ownValue === undefined ? [] : [{ userId, value: ownValue }];
    });
    const lost = given.filter((one) => !isSame(one.value, value));
    const kept = given.find((one) => isSame(one.value, value));
    if (kept && lost.length > 0) conflicts.push({ property, kept, lost });
  }
  return { properties, conflicts };
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
