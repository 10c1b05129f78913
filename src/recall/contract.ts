import type { RequestMessage } from '../kernel/effects.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import type { JsonObject } from '../kernel/json.js';
import type { HoldReason } from '../kernel/reasons.js';
import type { UpkeepTask } from '../kernel/upkeep.js';

/** Campaigns, templates, and the planning of messages. */
export abstract class Recall {
  /** Plans the messages that triggers asked for; the same request twice plans one message. */
  abstract requestMessages(requests: readonly RequestMessage[]): Promise<void>;
  /** Plans the campaigns that run on a segment whenever it has a new run. */
  abstract planFinishedRun(run: { projectId: ProjectId; segmentId: string; runId: string }): Promise<void>;
}

export interface CampaignRef {
  id: string;
  name: string;
  channel: string;
  /** How long after the message a visit counts as a return, in ms. */
  returnWindowMs: number;
}

export abstract class Campaigns {
  abstract find(projectId: ProjectId, campaignId: string): Promise<CampaignRef | null>;
}

/** What the renderer has to know of a message of the send ledger. */
export interface MessageToRender {
  id: string;
  projectId: ProjectId;
  /** NO_USER where the message goes to an address only. */
  userId: UserId;
  templateId: string;
  templateVersion: number;
  campaignId: string | null;
  /** Values for the template beside profile and project. */
  variables: JsonObject;
}

/** Content ready for a channel, links tracked; or why there is none. */
export type RenderedMessage =
  | {
      kind: 'rendered';
      content: { subject: string; html: string; text: string; from: string | null };
    }
  | { kind: 'held'; reason: HoldReason; detail: string };

/** Makes the content of messages right before they are sent; it is deliver's `MessageRenderer` in shape. */
export abstract class Rendering {
  /**
   * Renders a batch, with one look-up of links, profiles and templates for all of it.
   * @returns one entry per message, by its id; never throws on what a template or a profile holds
   */
  abstract render(messages: readonly MessageToRender[]): Promise<Map<string, RenderedMessage>>;
}

/** Periodic work of this stage: lost planning jobs, campaigns that are due, runs that nobody told of. */
export abstract class RecallUpkeep {
  abstract tasks(): UpkeepTask[];
}
