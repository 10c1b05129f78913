import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { ChurnService } from '../churn.service.js';
import { ChurnTables } from '../data/churn-tables.js';
import { RUN_DETAIL, RUN_PAGE, START_RUN, type StartRun } from './churn.schema.js';
import { toRunDetail, toRunSummary } from './to-answer.js';

@ProjectController('churn-models/:modelId/runs', 'Churn')
export class ChurnRunController {
  constructor(
    private readonly churn: ChurnService,
    private readonly tables: ChurnTables,
  ) {}

  @Post()
  @HttpCode(202)
  @Access('marketer')
  @ApiOperation({
    summary: 'Train or score now, or as of a past moment; the answer does not wait for its end',
  })
  @ApiAcceptedResponse({ standardSchema: RUN_DETAIL })
  async start(
    @Project() project: RequestProject,
    @Param('modelId') modelId: string,
    @Body({ schema: START_RUN }) body: StartRun,
  ) {
    const asOf = body.asOf === undefined ? null : Date.parse(body.asOf);
    return toRunDetail(await this.churn.startRun(project.id, modelId, { task: body.task, asOf }));
  }

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Runs of a churn model, newest first' })
  @ApiOkResponse({ standardSchema: RUN_PAGE })
  async list(
    @Project() project: RequestProject,
    @Param('modelId') modelId: string,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    await this.churn.get(project.id, modelId);
    const rows = await this.tables.runs.list(modelId, fromCursor(page.cursor), page.limit + 1);
    return toPage(rows, page.limit, { toKey: ({ id }) => id, toItem: toRunSummary });
  }

  @Get(':runId')
  @Access('viewer')
  @ApiOperation({ summary: 'One run, with what it learned and how good that is' })
  @ApiOkResponse({ standardSchema: RUN_DETAIL })
  async get(
    @Project() project: RequestProject,
    @Param('modelId') modelId: string,
    @Param('runId') runId: string,
  ) {
    return toRunDetail(await this.churn.getRun(project.id, modelId, runId));
  }

  @Post(':runId/cancel')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({ summary: 'Cancel a run that waits or is under way' })
  @ApiOkResponse({ standardSchema: RUN_DETAIL })
  async cancel(
    @Project() project: RequestProject,
    @Param('modelId') modelId: string,
    @Param('runId') runId: string,
  ) {
    return toRunDetail(await this.churn.cancelRun(project.id, modelId, runId));
  }
}
