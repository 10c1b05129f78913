import type { CallbackAnswer } from './ad-network.js';

export const CALLBACK_STATES = ['queued', 'sending', 'done', 'failed', 'unknown'] as const;
export type CallbackState = (typeof CALLBACK_STATES)[number];

/** What one try brought. `forbidden`: the address is not allowed, so nothing was sent. */
export type CallbackTry =
  | { kind: 'answered'; answer: CallbackAnswer }
  | { kind: 'forbidden'; detail: string }
  | { kind: 'no_answer'; detail: string };

export type Settlement =
  | { state: 'done' }
  | { state: 'queued'; nextAttemptAt: number; error: string }
  | { state: 'failed'; error: string }
  | { state: 'unknown'; error: string };

/** Tries in all: a refusal may pass when the network has caught up with its own click, an outage takes longer. */
const MAX_TRIES = { rejected: 3, transient: 8 };
const SECOND = 1_000;
const WAITS_MS = [10, 60, 300, 900, 3_600, 3 * 3_600, 6 * 3_600].map((seconds) => seconds * SECOND);

/**
 * Decides what becomes of a callback after a try.
 * @param context `attempts`: tries made, this one included; `isRepeatSafe`: the network takes a repeated callback as one
 */
export function settleCallback(
  outcome: CallbackTry,
  context: { attempts: number; isRepeatSafe: boolean; now: number },
): Settlement {
  switch (outcome.kind) {
    case 'forbidden':
      return { state: 'failed', error: outcome.detail };
    case 'no_answer':
      return context.isRepeatSafe
        ? tryAgain(outcome.detail, MAX_TRIES.transient, context)
        : { state: 'unknown', error: outcome.detail };
    case 'answered':
      return settleAnswer(outcome.answer, context);
  }
}

function settleAnswer(answer: CallbackAnswer, context: { attempts: number; now: number }): Settlement {
  switch (answer.kind) {
    case 'accepted':
      return { state: 'done' };
    case 'retry':
      return tryAgain(answer.detail, MAX_TRIES.transient, context);
    case 'rejected':
      return tryAgain(answer.detail, MAX_TRIES.rejected, context);
  }
}

function tryAgain(error: string, maxTries: number, context: { attempts: number; now: number }): Settlement {
  const waitMs = WAITS_MS[context.attempts - 1];
  if (context.attempts >= maxTries || waitMs === undefined) return { state: 'failed', error };
  return { state: 'queued', nextAttemptAt: context.now + waitMs, error };
}
