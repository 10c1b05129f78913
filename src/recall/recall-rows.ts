import { Injectable } from '@nestjs/common';
import { CampaignRepository } from './data/campaign.repository.js';
import { PlanRunRepository } from './data/plan-run.repository.js';
import { TemplateRepository } from './data/template.repository.js';

/** The tables of the stage, by what they hold. */
@Injectable()
export class RecallRows {
  constructor(
    readonly campaigns: CampaignRepository,
    readonly planRuns: PlanRunRepository,
    readonly templates: TemplateRepository,
  ) {}
}
