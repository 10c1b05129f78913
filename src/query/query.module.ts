import { Module } from '@nestjs/common';
import { CatalogueService } from './catalogue.service.js';
import { CatalogueController } from './http/catalogue.controller.js';
import { QueryController } from './http/query.controller.js';
import { NameWarnings } from './name-warnings.js';
import { QueryService } from './query.service.js';
import { QueryRunner } from './query-runner.js';

@Module({
  controllers: [QueryController, CatalogueController],
  providers: [QueryRunner, NameWarnings, QueryService, CatalogueService],
})
export class QueryModule {}
