import type { ProjectId, UserId } from '../kernel/ids.js';

/** A short link to be made for one recipient of one message. */
export interface RecipientLink {
  projectId: ProjectId;
  /** Where it leads; http or https. */
  targetUrl: string;
  userId: UserId;
  messageId: string;
  campaignId: string | null;
}

export abstract class Links {
  /**
   * Makes one short link each; asking again for the same message and target gives the same link.
   * @returns the full short URLs, in the order asked
   */
  abstract createForRecipients(links: readonly RecipientLink[]): Promise<string[]>;
  /** The address of the open pixel of a message: signed, nothing is stored for it. */
  abstract pixelUrl(message: { projectId: ProjectId; messageId: string; userId: UserId }): string;
}
