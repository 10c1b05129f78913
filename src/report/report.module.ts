import { Module } from '@nestjs/common';
import { DeliverModule } from '../deliver/deliver.module.js';
import { IdentifyModule } from '../identify/identify.module.js';
import { RecallModule } from '../recall/recall.module.js';
import { StoreModule } from '../store/store.module.js';
import { ActivityRepository } from './data/activity.repository.js';
import { PopulationRepository } from './data/population.repository.js';
import { UserRepository } from './data/user.repository.js';
import { CampaignReportController } from './http/campaign-report.controller.js';
import { MergePreviewController } from './http/merge-preview.controller.js';
import { OverviewController } from './http/overview.controller.js';
import { UserController } from './http/user.controller.js';
import { UserReader } from './user-reader.js';

@Module({
  imports: [StoreModule, IdentifyModule, RecallModule, DeliverModule],
  controllers: [UserController, CampaignReportController, OverviewController, MergePreviewController],
  providers: [ActivityRepository, PopulationRepository, UserRepository, UserReader],
})
export class ReportModule {}
