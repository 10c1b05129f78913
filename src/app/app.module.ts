import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AccessModule } from '../access/access.module.js';
import { WriteLogInterceptor } from '../access/http/write-log.interceptor.js';
import { FlowModule } from '../flow/flow.module.js';
import { AccessGuard } from '../platform/http-server/access.guard.js';
import { ProblemFilter } from '../platform/http-server/problem.filter.js';
import { ValidationPipe } from '../platform/http-server/validation.pipe.js';
import { HealthController } from './health.controller.js';
import { IngestThread } from './ingest-thread.js';
import { PlatformModule, type PlatformServices } from './platform.module.js';

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: a dynamic module of Nest is a class with a static method
export class AppModule {
  static with(services: PlatformServices): DynamicModule {
    return {
      module: AppModule,
      imports: [PlatformModule.with(services), AccessModule, FlowModule],
      controllers: [HealthController],
      providers: [
        IngestThread,
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_PIPE, useClass: ValidationPipe },
        { provide: APP_INTERCEPTOR, useExisting: WriteLogInterceptor },
      ],
    };
  }
}
