import { Module } from '@nestjs/common';
import { ChurnModule } from '../churn/churn.module.js';
import { DeliverModule } from '../deliver/deliver.module.js';
import { FeatureModule } from '../feature/feature.module.js';
import { LinkModule } from '../link/link.module.js';
import { SegmentModule } from '../segment/segment.module.js';
import { StoreModule } from '../store/store.module.js';
import { CampaignService } from './campaign.service.js';
import { CampaignRuns } from './campaign-runs.js';
import { ComputedValues } from './computed-values.js';
import { Campaigns, Recall, RecallUpkeep, Rendering } from './contract.js';
import { CampaignRepository } from './data/campaign.repository.js';
import { PlanRunRepository } from './data/plan-run.repository.js';
import { TemplateRepository } from './data/template.repository.js';
import { CampaignController } from './http/campaign.controller.js';
import { SendController } from './http/send.controller.js';
import { TemplateController } from './http/template.controller.js';
import { PlanFacts } from './jobs/plan-facts.js';
import { PlanRunner } from './jobs/plan-runner.js';
import { MessageRequests } from './message-requests.js';
import { CampaignReader, RecallService } from './recall.service.js';
import { RecallRows } from './recall-rows.js';
import { PlanJobs, RecallUpkeepService } from './recall-upkeep.service.js';
import { TemplateService } from './template.service.js';
import { TemplateRenderer } from './template-renderer.js';

@Module({
  imports: [ChurnModule, DeliverModule, FeatureModule, LinkModule, SegmentModule, StoreModule],
  controllers: [TemplateController, CampaignController, SendController],
  providers: [
    TemplateRepository,
    CampaignRepository,
    PlanRunRepository,
    RecallRows,
    TemplateService,
    ComputedValues,
    TemplateRenderer,
    CampaignRuns,
    CampaignService,
    MessageRequests,
    PlanFacts,
    PlanRunner,
    PlanJobs,
    RecallService,
    CampaignReader,
    RecallUpkeepService,
    { provide: Recall, useExisting: RecallService },
    { provide: Campaigns, useExisting: CampaignReader },
    { provide: Rendering, useExisting: TemplateRenderer },
    { provide: RecallUpkeep, useExisting: RecallUpkeepService },
  ],
  exports: [Recall, Campaigns, Rendering, RecallUpkeep],
})
export class RecallModule {}
