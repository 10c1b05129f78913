import type { Json } from '../../kernel/json.js';

/** How far the persons of one group went. */
export interface FunnelGroup {
  /** Value of the breakdown; null also where the group has none, or is everyone. */
  value: Json;
  /** Persons who reached each step. */
  persons: number[];
  /** Median time from the step before, ms; null for the first step, and where nobody got there. */
  medianMs: (number | null)[];
}

export interface FunnelTable {
  total: FunnelGroup;
  /** Greatest first; empty without a breakdown. */
  groups: FunnelGroup[];
  /** Everyone who is in none of the groups; null where there is nobody. */
  other: FunnelGroup | null;
  /** How many groups are counted together as others. */
  otherGroups: number;
}
