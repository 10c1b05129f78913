import { NO_USER, type UserId } from '../../kernel/ids.js';
import type { HoldReason } from '../../kernel/reasons.js';
import { type BlockRule, decideSuppression } from './decide-suppression.js';

export interface FrequencyCap {
  limit: number;
  windowMs: number;
}

/** A queued message as it is looked at right before it is handed to its channel. */
export interface QueuedMessage {
  id: string;
  userId: UserId;
  channel: string;
  address: string;
  frequencyCap: FrequencyCap | null;
}

export type Reservation =
  | { kind: 'send'; id: string }
  | { kind: 'held'; id: string; reason: HoldReason; detail: string };

/**
 * Decides which queued messages may be handed to their channel now.
 *
 * Caps are per user, so a message that goes to an address only has none.
 * Messages of one batch count against each other's caps, in order. Must run while the recipients are locked:
 * the counts have to be those of the moment of the reservation.
 *
 * @param facts.sentInWindow per message id with a cap: messages of that user and channel accepted, under way
 *   or unknown within its window
 * @param facts.now milliseconds since 1970
 */
export function decideReservations(
  messages: readonly QueuedMessage[],
  facts: { rules: readonly BlockRule[]; sentInWindow: ReadonlyMap<string, number>; now: number },
): Reservation[] {
  const reserved = new Map<string, number>();
  return messages.map((message) => {
    const recipient = `${message.userId} ${message.channel}`;
    const before = reserved.get(recipient) ?? 0;
    const decision = decideReservation(message, (facts.sentInWindow.get(message.id) ?? 0) + before, facts);
    if (decision.kind === 'send') reserved.set(recipient, before + 1);
    return decision;
  });
}

function decideReservation(
  message: QueuedMessage,
  sent: number,
  facts: { rules: readonly BlockRule[]; now: number },
): Reservation {
  const suppression = decideSuppression(facts.rules, message, facts.now);
  if (suppression.kind === 'suppress') {
    const { rule } = suppression;
    return { kind: 'held', id: message.id, reason: 'blocklisted', detail: `${rule.reason} (${rule.id})` };
  }
  const cap = message.userId === NO_USER ? null : message.frequencyCap;
  if (cap !== null && sent >= cap.limit) {
    return {
      kind: 'held',
      id: message.id,
      reason: 'frequency_cap',
      detail: `${sent} of ${cap.limit} messages within ${Math.round(cap.windowMs / 1000)} s`,
    };
  }
  return { kind: 'send', id: message.id };
}
