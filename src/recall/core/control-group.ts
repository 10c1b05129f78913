import { createHash } from 'node:crypto';
import type { UserId } from '../../kernel/ids.js';

/** Hundredths of a percent: the finest share that a group can have. */
const BUCKETS = 10_000;

/**
 * Whether a user is in the control group of a campaign, which gets no messages and shows what they bring.
 * Sticky: the same user has the same answer at every run, and a larger group keeps the members of a smaller one.
 */
export function isInControlGroup(campaignId: string, userId: UserId, controlPercent: number): boolean {
  const digest = createHash('sha256').update(`control:${campaignId}:${userId}`).digest();
  return digest.readUInt32BE(0) % BUCKETS < controlPercent * 100;
}
