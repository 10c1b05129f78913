import type { NoFireReason } from '../../kernel/reasons.js';
import { durationMs, HOUR_MS, type TriggerRule } from './rule.js';

export type TriggerState = 'active' | 'paused' | 'archived';

/** A timer whose time is up, with what decides about it. Times in ms since 1970. */
export interface DueTimer {
  dueAt: number;
  rule: TriggerRule;
  triggerState: TriggerState;
  /** When the trigger last fired for this user; null where it never did. */
  lastFiredAt: number | null;
}

/**
 * Decides whether a timer that came to its end fires.
 * @returns null where it fires, else why not
 */
export function decideDueTimer(timer: DueTimer, nowMs: number): NoFireReason | null {
  const { rule, lastFiredAt } = timer;
  if (timer.triggerState !== 'active') return 'trigger_disabled';
  if (nowMs - timer.dueAt > rule.latenessHours * HOUR_MS) return 'too_late';
  const isCooling =
    rule.cooldown !== undefined && lastFiredAt !== null && nowMs - lastFiredAt < durationMs(rule.cooldown);
  return isCooling ? 'cooldown' : null;
}
