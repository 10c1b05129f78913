import type { DeadReason } from '../../kernel/reasons.js';
import { KEPT_PAYLOAD_BYTES } from '../../kernel/refusal.js';

/** A dead letter as it is kept; in lists its payload is only the beginning. */
export interface StoredDeadLetter {
  id: string;
  receivedAt: Date;
  source: string;
  reason: DeadReason;
  detail: string;
  payload: Buffer;
  payloadBytes: number;
  ip: string;
  createdAt: Date;
}

/** Whether more came than was kept. */
export function isCut({ payloadBytes }: Pick<StoredDeadLetter, 'payloadBytes'>): boolean {
  return payloadBytes >= KEPT_PAYLOAD_BYTES;
}
