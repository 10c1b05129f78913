import { formatUserId, NO_USER, type UserId } from '../../kernel/ids.js';
import type { BlockReason } from '../../kernel/reasons.js';

export const BLOCK_KINDS = ['user', 'address', 'domain'] as const;
export type BlockKind = (typeof BLOCK_KINDS)[number];

/** Stands for every channel in a blocklist entry. */
export const EVERY_CHANNEL = '*';

/** What a blocklist entry says; times are milliseconds since 1970. */
export interface BlockRule {
  id: string;
  channel: string;
  kind: BlockKind;
  value: string;
  reason: BlockReason;
  expiresAt: number | null;
  removedAt: number | null;
}

export interface Recipient {
  channel: string;
  /** Null where it is not known, as in a question about a user. */
  address: string | null;
  userId: UserId | null;
}

export type Suppression = { kind: 'allow' } | { kind: 'suppress'; rule: BlockRule };

/** The form in which a blocked value is kept and looked up: addresses and domains compare without case. */
export function normaliseBlockValue(kind: BlockKind, value: string): string {
  const trimmed = value.trim();
  if (kind === 'user') return trimmed;
  return kind === 'domain' ? trimmed.toLowerCase().replace(/^@|\.$/g, '') : trimmed.toLowerCase();
}

/** Every `kind` and `value` under which an entry could block the recipient: a domain blocks those below it. */
export function blockKeysOf(recipient: Recipient): { kind: BlockKind; value: string }[] {
  const keys: { kind: BlockKind; value: string }[] = [];
  if (recipient.userId !== null && recipient.userId !== NO_USER) {
    keys.push({ kind: 'user', value: formatUserId(recipient.userId) });
  }
  if (recipient.address === null) return keys;
  const address = normaliseBlockValue('address', recipient.address);
  keys.push({ kind: 'address', value: address });
  const labels = address.includes('@') ? address.slice(address.lastIndexOf('@') + 1).split('.') : [];
  for (let from = 0; from < labels.length; from++) {
    keys.push({ kind: 'domain', value: labels.slice(from).join('.') });
  }
  return keys;
}

/**
 * Decides whether the blocklist lets a message go.
 *
 * A user's entry is named before an address's, and that before a domain's; the nearer domain first.
 *
 * @param rules entries of the recipient's project, any order; those that ended do not count
 * @param now milliseconds since 1970
 */
export function decideSuppression(
  rules: readonly BlockRule[],
  recipient: Recipient,
  now: number,
): Suppression {
  const inForce = rules.filter(
    (rule) =>
      (rule.channel === EVERY_CHANNEL || rule.channel === recipient.channel) &&
      rule.removedAt === null &&
      (rule.expiresAt === null || rule.expiresAt > now),
  );
  for (const key of blockKeysOf(recipient)) {
    const rule = inForce.find((entry) => entry.kind === key.kind && entry.value === key.value);
    if (rule) return { kind: 'suppress', rule };
  }
  return { kind: 'allow' };
}

/**
 * Decides what a new entry does to the one in force for the same value.
 * The entry that lasts longer stays; a repeated addition changes nothing.
 */
export function decideAddition(
  present: { expiresAt: number | null } | null,
  wanted: { expiresAt: number | null },
  now: number,
): 'keep' | 'replace' | 'insert' {
  if (!present) return 'insert';
  const end = present.expiresAt ?? Number.POSITIVE_INFINITY;
  if (end <= now) return 'replace';
  return (wanted.expiresAt ?? Number.POSITIVE_INFINITY) > end ? 'replace' : 'keep';
}
