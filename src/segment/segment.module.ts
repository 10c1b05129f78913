import { Module } from '@nestjs/common';
import { ChurnModule } from '../churn/churn.module.js';
import { FeatureModule } from '../feature/feature.module.js';
import { IdentifyModule } from '../identify/identify.module.js';
import { ChangeAnnouncer } from './change-announcer.service.js';
import { ChangeStreamer } from './change-streamer.service.js';
import { LiveSegments, Segments, SegmentUpkeep } from './contract.js';
import { ChangeBatchRepository } from './data/change-batch.repository.js';
import { ChangeStore } from './data/change-store.js';
import { ChangeStreamRepository } from './data/change-stream.repository.js';
import { CostEstimator } from './data/cost-estimator.js';
import { EventNames } from './data/event-names.js';
import { ExportFiles } from './data/export-files.js';
import { ExportRows } from './data/export-rows.js';
import { ListEntryStore } from './data/list-entry.store.js';
import { LiveRepository } from './data/live.repository.js';
import { LiveStore } from './data/live-store.js';
import { LiveTables } from './data/live-tables.js';
import { MemberStore } from './data/member-store.js';
import { PropertyNames } from './data/property-names.js';
import { PropertyTypes } from './data/property-types.js';
import { RunHistoryRepository } from './data/run-history.repository.js';
import { RunLanesRepository } from './data/run-lanes.repository.js';
import { RunRetentionRepository } from './data/run-retention.repository.js';
import { SegmentRepository } from './data/segment.repository.js';
import { SegmentExportRepository } from './data/segment-export.repository.js';
import { SegmentExportTables } from './data/segment-export-tables.js';
import { SegmentLimitRepository } from './data/segment-limit.repository.js';
import { SegmentRunRepository } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';
import { SqlGuard } from './data/sql-guard.js';
import { UserHistories } from './data/user-histories.js';
import { UserListRepository } from './data/user-list.repository.js';
import { DefinitionCompiler } from './definition-compiler.service.js';
import { DefinitionWarnings } from './definition-warnings.service.js';
import { ExplainService } from './explain.service.js';
import { ForecastService } from './forecast.service.js';
import { ExplainController } from './http/explain.controller.js';
import { LiveMemberController } from './http/live-member.controller.js';
import { RunMembersController } from './http/run-members.controller.js';
import { SegmentController } from './http/segment.controller.js';
import { SegmentExportController } from './http/segment-export.controller.js';
import { SegmentForecastController } from './http/segment-forecast.controller.js';
import { SegmentHistoryController } from './http/segment-history.controller.js';
import { SegmentLanguageController } from './http/segment-language.controller.js';
import { SegmentLimitController } from './http/segment-limit.controller.js';
import { SegmentRunController } from './http/segment-run.controller.js';
import { UserListController } from './http/user-list.controller.js';
import { ListMatcher } from './list-matcher.service.js';
import { ListUpkeep } from './list-upkeep.service.js';
import { ListUploader } from './list-uploader.service.js';
import { LiveInbox } from './live-inbox.service.js';
import { LiveUpdater } from './live-updater.service.js';
import { LiveUpkeep } from './live-upkeep.service.js';
import { PreviewService } from './preview.service.js';
import { RunAnnouncer } from './run-announcer.service.js';
import { RunCompiler } from './run-compiler.service.js';
import { RunComputation } from './run-computation.service.js';
import { RunMembers } from './run-members.service.js';
import { RunRetention } from './run-retention.service.js';
import { SegmentService } from './segment.service.js';
import { SegmentExportService } from './segment-export.service.js';
import { SegmentExporter } from './segment-exporter.service.js';
import { SegmentLanes } from './segment-lanes.service.js';
import { SegmentReferences } from './segment-references.service.js';
import { SegmentRunner } from './segment-runner.service.js';
import { SegmentUpkeepService } from './segment-upkeep.service.js';
import { SegmentValues } from './segment-values.service.js';
import { UserListService } from './user-list.service.js';

@Module({
  imports: [IdentifyModule, FeatureModule, ChurnModule],
  controllers: [
    ExplainController,
    SegmentLanguageController,
    SegmentForecastController,
    SegmentLimitController,
    SegmentController,
    LiveMemberController,
    SegmentRunController,
    RunMembersController,
    SegmentExportController,
    SegmentHistoryController,
    UserListController,
  ],
  providers: [
    SegmentRepository,
    SegmentRunRepository,
    MemberStore,
    SegmentTables,
    EventNames,
    PropertyNames,
    PropertyTypes,
    DefinitionWarnings,
    UserListRepository,
    ListEntryStore,
    ListMatcher,
    ListUploader,
    UserListService,
    ListUpkeep,
    SegmentReferences,
    SegmentValues,
    SqlGuard,
    DefinitionCompiler,
    UserHistories,
    ExplainService,
    SegmentService,
    PreviewService,
    LiveRepository,
    LiveStore,
    ChangeBatchRepository,
    ChangeStore,
    LiveTables,
    LiveInbox,
    LiveUpdater,
    LiveUpkeep,
    ChangeAnnouncer,
    ChangeStreamRepository,
    ChangeStreamer,
    RunAnnouncer,
    CostEstimator,
    SegmentLimitRepository,
    RunLanesRepository,
    ForecastService,
    RunCompiler,
    RunComputation,
    RunHistoryRepository,
    RunMembers,
    RunRetentionRepository,
    RunRetention,
    ExportFiles,
    ExportRows,
    SegmentExportRepository,
    SegmentExportTables,
    SegmentExportService,
    SegmentExporter,
    SegmentLanes,
    SegmentRunner,
    SegmentUpkeepService,
    { provide: LiveSegments, useExisting: LiveInbox },
    { provide: Segments, useExisting: SegmentService },
    { provide: SegmentUpkeep, useExisting: SegmentUpkeepService },
  ],
  exports: [LiveSegments, Segments, SegmentUpkeep],
})
export class SegmentModule {}
