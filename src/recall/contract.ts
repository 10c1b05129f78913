import type { RequestMessage } from '../kernel/effects.js';
import type { ProjectId } from '../kernel/ids.js';

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
