const known = new Map<string, ReadonlySet<string>>();

/** A set of identity keys. Equal ones are the same object: there are few, and hundreds of thousands of users have one. */
export function keySet(keys: Iterable<string>): ReadonlySet<string> {
  const sorted = [...new Set(keys)].sort();
  const name = sorted.join('\u0000');
  const set = known.get(name) ?? new Set(sorted);
  known.set(name, set);
  return set;
}
