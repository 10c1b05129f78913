import type { DeadReason, DropReason, RetryReason } from './reasons.js';

/**
 * What became of one item in one step.
 * Expected outcomes are values; an exception means a bug or a broken dependency.
 */
export type Outcome<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'drop'; reason: DropReason }
  | { kind: 'retry'; reason: RetryReason; afterMs: number }
  | { kind: 'dead'; reason: DeadReason; detail: string };

export function ok<T>(value: T): Outcome<T> {
  return { kind: 'ok', value };
}

export function dead(
  reason: DeadReason,
  detail: string,
): { kind: 'dead'; reason: DeadReason; detail: string } {
  return { kind: 'dead', reason, detail };
}
