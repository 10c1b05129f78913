import type { ProjectId, UserId } from '../kernel/ids.js';
import type { UpkeepTask } from '../kernel/upkeep.js';

/** A short link to be made for one recipient of one message. */
export interface RecipientLink {
  projectId: ProjectId;
  /** Where it leads; http or https. */
  targetUrl: string;
  /** 0 for a message to an address of nobody known: its clicks reach the ledger, and no timeline. */
  userId: UserId;
  messageId: string;
  campaignId: string | null;
}

export abstract class Links {
  /**
   * Makes one short link each; asking again for the same message and target gives the same link.
   * A target that no short link may have (not http or https, this service itself, more than 2048 characters) comes
   * back as it is: the message works, only the click is not seen.
   * @returns the full short URLs, in the order asked
   */
  abstract createForRecipients(links: readonly RecipientLink[]): Promise<string[]>;
  /** The address of the open pixel of a message: signed, nothing is stored for it. */
  abstract pixelUrl(message: { projectId: ProjectId; messageId: string; userId: UserId }): string;
}

/** Periodic work of the stage, for the scheduler. */
export abstract class LinkUpkeep {
  abstract tasks(): UpkeepTask[];
}
