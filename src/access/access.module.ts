import { Global, Module } from '@nestjs/common';
import { Authenticator } from '../platform/http-server/access.js';
import { AccessService } from './access.service.js';
import { IdempotencyUpkeep } from './access-upkeep.js';
import { AccessUpkeep, Projects } from './contract.js';
import { AccessRepository } from './data/access.repository.js';
import { IdempotencyRepository } from './data/idempotency.repository.js';
import { CollectRulesController } from './http/collect-rules.controller.js';
import { ProjectController } from './http/project.controller.js';
import { WriteLogInterceptor } from './http/write-log.interceptor.js';

/** Global: every request is checked against it. */
@Global()
@Module({
  controllers: [ProjectController, CollectRulesController],
  providers: [
    AccessRepository,
    IdempotencyRepository,
    AccessService,
    WriteLogInterceptor,
    { provide: AccessUpkeep, useClass: IdempotencyUpkeep },
    { provide: Projects, useExisting: AccessService },
    { provide: Authenticator, useExisting: AccessService },
  ],
  exports: [Projects, AccessUpkeep, Authenticator, AccessService, WriteLogInterceptor],
})
export class AccessModule {}
