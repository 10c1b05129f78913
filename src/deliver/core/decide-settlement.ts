import type { DeliveryReason, HoldReason } from '../../kernel/reasons.js';
import type { SendResult } from './channel.js';

/** How often a message is handed to a channel that says "not now" before it is given up. */
export const MAX_ATTEMPTS = 5;

/** What becomes of a message that was reserved. `released`: back in the queue, the try does not count. */
export type Settlement =
  | { kind: 'accepted'; providerMessageId: string | null }
  | { kind: 'rejected'; reason: DeliveryReason; permanent: boolean; detail: string }
  | { kind: 'failed'; reason: DeliveryReason; detail: string }
  | { kind: 'unknown'; reason: DeliveryReason; detail: string }
  | { kind: 'held'; reason: HoldReason; detail: string }
  | { kind: 'queued'; reason: DeliveryReason; detail: string; afterMs: number }
  | { kind: 'released'; reason: DeliveryReason; detail: string; afterMs: number };

/**
 * Decides what a channel's answer means for the message.
 * @param attempts tries so far, this one included
 */
export function decideSettlement(result: SendResult, attempts: number): Settlement {
  switch (result.kind) {
    case 'accepted':
    case 'rejected':
    case 'unknown':
      return result;
    case 'retry':
      if (attempts >= MAX_ATTEMPTS) {
        return { kind: 'failed', reason: result.reason, detail: result.detail };
      }
      return { ...result, kind: 'queued', afterMs: Math.max(result.afterMs, backoffMs(attempts)) };
  }
}

/** Wait before the next try: 30 s, 2 min, 8 min, 32 min. */
function backoffMs(attempts: number): number {
  return 30_000 * 4 ** (attempts - 1);
}
