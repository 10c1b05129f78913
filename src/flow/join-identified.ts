import type { Identified } from '../identify/contract.js';

/** Of a batch that is done in parts, each part tells what all before it merged and made too. */
export function joinIdentified(parts: readonly Identified[]): Identified {
  const [first] = parts;
  const last = parts.at(-1);
  if (!first || !last) return { records: [], merges: [], splits: [], created: [] };
  return parts.length === 1 ? first : { ...last, records: parts.flatMap(({ records }) => records) };
}
