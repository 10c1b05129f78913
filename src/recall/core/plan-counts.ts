import type { PlanResult } from '../../deliver/contract.js';
import { HOLD_REASONS, type HoldReason } from '../../kernel/reasons.js';

export const PLAN_RUN_STATES = ['planning', 'done', 'failed'] as const;
export type PlanRunState = (typeof PLAN_RUN_STATES)[number];

/** What became of the members of a segment run; `members` is the sum of the rest. */
export interface PlanCounts {
  members: number;
  planned: number;
  held: Partial<Record<HoldReason, number>>;
  /** Had this message before: by the re-entry rule, or from a page that a crash made come again. */
  repeated: number;
}

export const NO_COUNTS: PlanCounts = { members: 0, planned: 0, held: {}, repeated: 0 };

/** Adds one page. @param members how many members the page had; those not given to the ledger count as repeated */
export function addPage(counts: PlanCounts, members: number, result: PlanResult): PlanCounts {
  const held = { ...counts.held };
  let heldNow = 0;
  for (const reason of HOLD_REASONS) {
    const count = result.held[reason] ?? 0;
    if (count === 0) continue;
    held[reason] = (held[reason] ?? 0) + count;
    heldNow += count;
  }
  return {
    members: counts.members + members,
    planned: counts.planned + result.planned,
    held,
    repeated: counts.repeated + members - result.planned - heldNow,
  };
}
