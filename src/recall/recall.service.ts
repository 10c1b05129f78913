import { Injectable } from '@nestjs/common';
import type { RequestMessage } from '../kernel/effects.js';
import type { ProjectId } from '../kernel/ids.js';
import { CampaignRuns } from './campaign-runs.js';
import { type CampaignRef, Campaigns, Recall } from './contract.js';
import { CampaignRepository } from './data/campaign.repository.js';
import { MessageRequests } from './message-requests.js';

const HOUR_MS = 3_600_000;

/** What the flow asks of this stage. */
@Injectable()
export class RecallService extends Recall {
  constructor(
    private readonly requests: MessageRequests,
    private readonly runs: CampaignRuns,
  ) {
    super();
  }

  requestMessages(requests: readonly RequestMessage[]): Promise<void> {
    return this.requests.planRequests(requests);
  }

  planFinishedRun(run: { projectId: ProjectId; segmentId: string; runId: string }): Promise<void> {
    return this.runs.planFollowing(run);
  }
}

@Injectable()
export class CampaignReader extends Campaigns {
  constructor(private readonly campaigns: CampaignRepository) {
    super();
  }

  async find(projectId: ProjectId, campaignId: string): Promise<CampaignRef | null> {
    const campaign = await this.campaigns.find(projectId, campaignId);
    if (!campaign) return null;
    const { id, name, channel, returnWindowHours } = campaign;
    return { id, name, channel, returnWindowMs: returnWindowHours * HOUR_MS };
  }
}
