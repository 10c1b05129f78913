import type { DeadReason } from './reasons.js';

/** What cannot be stored, and why: an expected outcome, so it is a value; an exception means a bug or a broken dependency. */
export function dead(
  reason: DeadReason,
  detail: string,
): { kind: 'dead'; reason: DeadReason; detail: string } {
  return { kind: 'dead', reason, detail };
}
