import { Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Ledger } from '../../deliver/contract.js';
import { isId } from '../../kernel/ids.js';
import { Clock } from '../../platform/clock/clock.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { notFound } from '../../platform/http-server/problem.js';
import { Campaigns } from '../../recall/contract.js';
import { toCampaignFigures } from '../core/campaign-report.js';
import { ActivityRepository } from '../data/activity.repository.js';
import { CAMPAIGN_REPORT } from './report.schema.js';

@ProjectController('campaigns/:campaignId/report', 'Campaigns')
export class CampaignReportController {
  constructor(
    private readonly campaigns: Campaigns,
    private readonly ledger: Ledger,
    private readonly activity: ActivityRepository,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'What became of every planned message, and who came back' })
  @ApiOkResponse({ standardSchema: CAMPAIGN_REPORT })
  async get(@Project() project: RequestProject, @Param('campaignId') campaignId: string) {
    const campaign = isId('campaign', campaignId) ? await this.campaigns.find(project.id, campaignId) : null;
    if (!campaign) throw notFound('campaign', campaignId);
    const { id, name, channel, returnWindowMs } = campaign;
    const [counts, reach] = await Promise.all([
      this.ledger.countsOfCampaign(project.id, id),
      this.activity.reachOfCampaign(project.id, id, returnWindowMs),
    ]);
    const figures = toCampaignFigures(counts, reach, { windowMs: returnWindowMs, nowMs: this.clock.now() });
    const { closesAt } = figures.returned;
    return {
      campaign: { id, name, channel },
      ...figures,
      returned: {
        ...figures.returned,
        closesAt: closesAt === null ? null : new Date(closesAt).toISOString(),
      },
    };
  }
}
