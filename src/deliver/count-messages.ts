import { metrics } from '../platform/metrics/metrics.js';

/** Counts messages that reached a state. */
export function countMessages(
  messages: readonly { channel: string; state: string; reason: string | null }[],
): void {
  for (const { channel, state, reason } of messages) {
    metrics.messages.inc({ channel, state, reason: reason ?? '' });
  }
}
