import { MESSAGE_STATES, type MessageCounts, type MessageState } from '../../deliver/contract.js';
import type { HoldReason } from '../../kernel/reasons.js';

/** Who got a campaign's message, and who of them came back. */
export interface CampaignReach {
  /** Persons with at least one message. */
  reached: number;
  /** Of these, persons with an event of their own within the return window behind a message. */
  returned: number;
  /** Time of the newest message, ms since 1970; null where none was sent. */
  lastSentAt: number | null;
}

/** Does the ledger add up? Every planned message is in exactly one state, and every held one has a reason. */
export interface Conservation {
  isConserved: boolean;
  planned: number;
  accountedFor: number;
  byState: Record<MessageState, number>;
  held: number;
  heldWithReason: number;
}

export interface CampaignFigures {
  planned: number;
  sent: number;
  held: { total: number; byReason: Partial<Record<HoldReason, number>> };
  underWay: number;
  rejected: number;
  failed: number;
  unknown: number;
  cancelled: number;
  opened: number;
  clicked: number;
  returned: {
    reached: number;
    users: number;
    windowMs: number;
    /** When the newest message's window ends; the figure may grow until then. */
    closesAt: number | null;
    isFinal: boolean;
  };
  rates: { sent: number | null; opened: number | null; clicked: number | null; returned: number | null };
  conservation: Conservation;
}

/**
 * Puts a campaign's figures together. Rates are fractions: `sent` of the planned messages, `opened` and `clicked` of
 * the sent ones, `returned` of the persons reached; null where there is nothing to divide by.
 */
export function toCampaignFigures(
  counts: MessageCounts,
  reach: CampaignReach,
  at: { windowMs: number; nowMs: number },
): CampaignFigures {
  const conservation = checkConservation(counts);
  const { byState, planned } = conservation;
  const closesAt = reach.lastSentAt === null ? null : reach.lastSentAt + at.windowMs;
  return {
    planned,
    sent: byState.accepted,
    held: { total: byState.held, byReason: counts.heldByReason },
    underWay: byState.planned + byState.queued + byState.sending,
    rejected: byState.rejected,
    failed: byState.failed,
    unknown: byState.unknown,
    cancelled: byState.cancelled,
    opened: counts.opened,
    clicked: counts.clicked,
    returned: {
      reached: reach.reached,
      users: reach.returned,
      windowMs: at.windowMs,
      closesAt,
      isFinal: closesAt !== null && closesAt <= at.nowMs,
    },
    rates: {
      sent: fraction(byState.accepted, planned),
      opened: fraction(counts.opened, byState.accepted),
      clicked: fraction(counts.clicked, byState.accepted),
      returned: fraction(reach.returned, reach.reached),
    },
    conservation,
  };
}

function checkConservation(counts: MessageCounts): Conservation {
  const byState = Object.fromEntries(
    MESSAGE_STATES.map((state) => [state, counts.byState[state] ?? 0]),
  ) as Record<MessageState, number>;
  const planned = sum(Object.values(counts.byState));
  const accountedFor = sum(Object.values(byState));
  const heldWithReason = sum(Object.values(counts.heldByReason));
  return {
    isConserved: planned === accountedFor && heldWithReason === byState.held,
    planned,
    accountedFor,
    byState,
    held: byState.held,
    heldWithReason,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function fraction(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
