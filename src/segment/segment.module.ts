import { Module } from '@nestjs/common';
import { Segments, SegmentUpkeep } from './contract.js';
import { EventNames } from './data/event-names.js';
import { MemberStore } from './data/member-store.js';
import { PropertyNames } from './data/property-names.js';
import { SegmentRepository } from './data/segment.repository.js';
import { SegmentRunRepository } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';
import { UserHistories } from './data/user-histories.js';
import { ExplainService } from './explain.service.js';
import { ExplainController } from './http/explain.controller.js';
import { SegmentController } from './http/segment.controller.js';
import { SegmentLanguageController } from './http/segment-language.controller.js';
import { SegmentRunController } from './http/segment-run.controller.js';
import { PreviewService } from './preview.service.js';
import { RunAnnouncer } from './run-announcer.service.js';
import { SegmentService } from './segment.service.js';
import { SegmentReferences } from './segment-references.service.js';
import { SegmentRunner } from './segment-runner.service.js';
import { SegmentUpkeepService } from './segment-upkeep.service.js';

@Module({
  controllers: [ExplainController, SegmentLanguageController, SegmentController, SegmentRunController],
  providers: [
    SegmentRepository,
    SegmentRunRepository,
    MemberStore,
    SegmentTables,
    EventNames,
    PropertyNames,
    SegmentReferences,
    UserHistories,
    ExplainService,
    SegmentService,
    PreviewService,
    RunAnnouncer,
    SegmentRunner,
    SegmentUpkeepService,
    { provide: Segments, useExisting: SegmentService },
    { provide: SegmentUpkeep, useExisting: SegmentUpkeepService },
  ],
  exports: [Segments, SegmentUpkeep],
})
export class SegmentModule {}
