import type { z } from 'zod';
import { goneReason } from '../core/decide-click.js';
import type { LinkRow } from '../data/link.repository.js';
import type { LinkAddresses } from '../link-addresses.js';
import type { LINK } from './link.schema.js';

/** A link as the API shows it. */
export function toLinkView(link: LinkRow, addresses: LinkAddresses, nowMs: number): z.infer<typeof LINK> {
  return {
    id: link.id,
    code: link.code,
    kind: link.kind,
    shortUrl: addresses.short(link.code),
    qrUrl: addresses.qr(link.code),
    targetUrl: link.targetUrl,
    title: link.title,
    messageId: link.messageId,
    campaignId: link.campaignId,
    state: goneReason(link, nowMs) ?? 'open',
    isDisabled: link.isDisabled,
    expiresAt: link.expiresAt === null ? null : new Date(link.expiresAt).toISOString(),
    maxClicks: link.maxClicks,
    clickCount: link.clickCount,
    createdAt: new Date(link.createdAt).toISOString(),
  };
}
