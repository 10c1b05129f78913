import { Module } from '@nestjs/common';
import { IdentifyUpkeep, Identities } from './contract.js';
import { BatchHistory } from './data/batch-history.js';
import { GraphWriter } from './data/graph-writer.js';
import { IdentityProjectRepository } from './data/identity-project.repository.js';
import { MergeLogRepository } from './data/merge-log.repository.js';
import { MergeUndo } from './data/merge-undo.js';
import { PersonRepository } from './data/person.repository.js';
import { PersonAliasRepository } from './data/person-alias.repository.js';
import { PersonDictionary } from './data/person-dictionary.js';
import { GraphLoader } from './graph-loader.js';
import { IdentityController } from './http/identity.controller.js';
import { MergeController } from './http/merge.controller.js';
import { IdentityUpkeep } from './identify-upkeep.js';
import { IdentityService } from './identity.service.js';
import { MergeService } from './merge.service.js';
import { MergePlanner } from './merge-planner.js';
import { MergeRequests } from './merge-requests.js';
import { ProjectRules } from './project-rules.js';

@Module({
  controllers: [IdentityController, MergeController],
  providers: [
    PersonDictionary,
    PersonAliasRepository,
    PersonRepository,
    IdentityProjectRepository,
    MergeLogRepository,
    MergeUndo,
    GraphWriter,
    BatchHistory,
    GraphLoader,
    ProjectRules,
    MergePlanner,
    MergeRequests,
    MergeService,
    IdentityService,
    { provide: Identities, useExisting: IdentityService },
    { provide: IdentifyUpkeep, useClass: IdentityUpkeep },
  ],
  exports: [Identities, IdentifyUpkeep],
})
export class IdentifyModule {}
