import type { HoldReason } from '../../kernel/reasons.js';
import type { PlannedMessage } from '../contract.js';
import { type BlockRule, decideSuppression } from './decide-suppression.js';

/** The first state of a message in the ledger. */
export type PlanDecision =
  | { kind: 'queued'; address: string }
  | { kind: 'held'; address: string; reason: HoldReason; detail: string | null };

/**
 * Decides whether a planned message may be queued, or why it is held.
 * What recall decided stands; then the address must be there and valid, then the blocklist is asked.
 *
 * @param facts.validAddress the address as its channel normalised it; null where it is not valid
 * @param facts.now milliseconds since 1970
 */
export function decidePlan(
  message: Pick<PlannedMessage, 'address' | 'holdReason' | 'channel' | 'userId'>,
  facts: { validAddress: string | null; rules: readonly BlockRule[]; now: number },
): PlanDecision {
  const given = message.address?.slice(0, 320) ?? '';
  const held = (reason: HoldReason, detail: string | null = null): PlanDecision => ({
    kind: 'held',
    address: facts.validAddress ?? given,
    reason,
    detail,
  });
  if (message.holdReason !== null) return held(message.holdReason);
  if (given.trim() === '') return held('no_address');
  if (facts.validAddress === null) return held('invalid_address');
  const recipient = { channel: message.channel, address: facts.validAddress, userId: message.userId };
  const suppression = decideSuppression(facts.rules, recipient, facts.now);
  if (suppression.kind === 'suppress') {
    return held('blocklisted', `${suppression.rule.reason} (${suppression.rule.id})`);
  }
  return { kind: 'queued', address: facts.validAddress };
}
