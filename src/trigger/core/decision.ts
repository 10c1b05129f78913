import type { ProjectId, UserId } from '../../kernel/ids.js';
import type { NoFireReason } from '../../kernel/reasons.js';
import type { TriggerEvent } from './trigger-event.js';

/**
 * What became of one event in one trigger. A wait has two: `waiting` and, at its end, `fired` or `cancelled`,
 * both under the event that opened it.
 */
export const OUTCOMES = ['fired', 'waiting', 'not_fired', 'cancelled'] as const;
export type DecisionOutcome = (typeof OUTCOMES)[number];

/** One line of the decision trace. */
export interface Decision {
  triggerId: string;
  triggerVersion: number;
  projectId: ProjectId;
  userId: UserId;
  eventId: string;
  outcome: DecisionOutcome;
  /** Null where it fired or waits. */
  reason: NoFireReason | null;
  /** The event that ended the wait; null for every other decision. */
  causedByEventId: string | null;
}

/**
 * `waiting` until a later event cancels it or its time is up; `due`: its time is up by the order of events, but it
 * is not settled yet; then `fired` or `cancelled`.
 */
export const TIMER_STATES = ['waiting', 'due', 'fired', 'cancelled'] as const;
export type TimerState = (typeof TIMER_STATES)[number];

/** A timer of the state `waiting`. A trigger and an event have at most one, so both name it. */
export interface WaitingTimer {
  triggerId: string;
  triggerVersion: number;
  userId: UserId;
  eventId: string;
  correlation: string;
  /** Ms since 1970. */
  dueAt: number;
}

/** A timer that a batch opened, and perhaps ended at once. */
export interface OpenedTimer extends WaitingTimer {
  projectId: ProjectId;
  openedAt: number;
  event: TriggerEvent;
  state: TimerState;
  reason: NoFireReason | null;
}

/** Key of what a trigger remembers of one user. */
export function userKey(triggerId: string, userId: UserId): string {
  return `${triggerId} ${userId}`;
}

/** Key of a trigger's dealing with one event. */
export function dealKey(triggerId: string, eventId: string): string {
  return `${triggerId} ${eventId}`;
}
