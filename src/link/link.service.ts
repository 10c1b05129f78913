import { Injectable } from '@nestjs/common';
import { newId, type ProjectId, type UserId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { Secrets } from '../platform/secrets/secrets.js';
import { Links, type RecipientLink } from './contract.js';
import { hashTarget } from './core/hash-target.js';
import { newLinkCode } from './core/link-code.js';
import { PIXEL_PURPOSE, PIXEL_SIGNATURE_LENGTH, toPixelPayload } from './core/open-pixel.js';
import { checkTargetUrl } from './core/target-url.js';
import { LinkRepository, type NewRecipientLink } from './data/link.repository.js';
import { LinkAddresses } from './link-addresses.js';

/** A random code is taken once in 10^17 tries; the second round is for that one. */
const CODE_ROUNDS = 3;

@Injectable()
export class LinkService extends Links {
  constructor(
    private readonly repository: LinkRepository,
    private readonly addresses: LinkAddresses,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {
    super();
  }

  async createForRecipients(links: readonly RecipientLink[]): Promise<string[]> {
    const rows = links.map((link) => this.toNewLink(link));
    const linkable = rows.filter((row) => row !== null);
    const codes = await this.ensure(linkable);
    let next = 0;
    return links.map((link, i) =>
      rows[i] === null ? link.targetUrl : this.addresses.short(codes[next++] ?? ''),
    );
  }

  pixelUrl(message: { projectId: ProjectId; messageId: string; userId: UserId }): string {
    const payload = toPixelPayload(message);
    return this.addresses.pixel(
      `${payload}.${this.secrets.sign(PIXEL_PURPOSE, payload, PIXEL_SIGNATURE_LENGTH)}`,
    );
  }

  /** @returns the code of each link, written now or before */
  private async ensure(links: readonly NewRecipientLink[]): Promise<string[]> {
    if (links.length === 0) return [];
    let missing = links;
    for (let round = 0; round < CODE_ROUNDS; round++) {
      await this.repository.insertForRecipients(missing, this.clock.now());
      const codes = await this.repository.codesForRecipients(links);
      const found = codes.filter((code) => code !== null);
      if (found.length === links.length) return found;
      missing = links
        .filter((_link, i) => codes[i] === null)
        .map((link) => ({ ...link, code: newLinkCode('recipient') }));
    }
    throw new Error(`No free code for ${missing.length} links after ${CODE_ROUNDS} tries.`);
  }

  private toNewLink(link: RecipientLink): NewRecipientLink | null {
    const target = checkTargetUrl(link.targetUrl, this.addresses.base);
    if (target.kind === 'refused') return null;
    return {
      id: newId('link', this.clock.now()),
      projectId: link.projectId,
      code: newLinkCode('recipient'),
      targetUrl: target.href,
      targetHash: hashTarget(target.href),
      userId: link.userId,
      messageId: link.messageId,
      campaignId: link.campaignId,
    };
  }
}
