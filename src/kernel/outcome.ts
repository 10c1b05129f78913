import type { DeadReason } from './reasons.js';

/** What cannot be stored, and why: an expected outcome, so it is a value; an exception means a bug or a broken dependency. */
export interface Failure {
  kind: 'dead';
  reason: DeadReason;
  /** For people. */
  detail: string;
}

export function dead(reason: DeadReason, detail: string): Failure {
  return { kind: 'dead', reason, detail };
}
