import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { ChurnService } from '../churn.service.js';
import { ChurnTables } from '../data/churn-tables.js';
import {
  CREATE_MODEL,
  type CreateModel,
  LIST_MODELS,
  type ListModels,
  MODEL_DETAIL,
  MODEL_PAGE,
  MODEL_SAVED,
  UPDATE_MODEL,
  type UpdateModel,
} from './churn.schema.js';
import { toModel, toRunSummary } from './to-answer.js';

@ProjectController('churn-models', 'Churn')
export class ChurnModelController {
  constructor(
    private readonly churn: ChurnService,
    private readonly tables: ChurnTables,
  ) {}

  @Post()
  @Access('marketer')
  @ApiOperation({ summary: 'Make a churn model; it knows nothing until it is trained' })
  @ApiCreatedResponse({ standardSchema: MODEL_SAVED })
  async create(@Project() project: RequestProject, @Body({ schema: CREATE_MODEL }) body: CreateModel) {
    return toModel(await this.churn.create(project, body));
  }

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Churn models, newest first' })
  @ApiOkResponse({ standardSchema: MODEL_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: LIST_MODELS }) query: ListModels) {
    const rows = await this.tables.models.list(project.id, {
      state: query.state ?? null,
      before: fromCursor(query.cursor),
      limit: query.limit + 1,
    });
    return toPage(rows, query.limit, { toKey: ({ id }) => id, toItem: toModel });
  }

  @Get(':modelId')
  @Access('viewer')
  @ApiOperation({ summary: 'One churn model, with its latest run and its latest training' })
  @ApiOkResponse({ standardSchema: MODEL_DETAIL })
  async get(@Project() project: RequestProject, @Param('modelId') modelId: string) {
    const model = await this.churn.get(project.id, modelId);
    const run = await this.tables.runs.findLatestDone(modelId);
    const training = await this.tables.runs.findLatestDone(modelId, { task: 'train' });
    return {
      ...toModel(model),
      latestRun: run && toRunSummary(run),
      latestTraining: training && toRunSummary(training),
    };
  }

  @Patch(':modelId')
  @Access('marketer')
  @ApiOperation({ summary: 'Change the name, the schedule or the state of a churn model' })
  @ApiOkResponse({ standardSchema: MODEL_SAVED })
  async update(
    @Project() project: RequestProject,
    @Param('modelId') modelId: string,
    @Body({ schema: UPDATE_MODEL }) body: UpdateModel,
  ) {
    return toModel(await this.churn.update(project.id, modelId, body));
  }

  @Delete(':modelId')
  @HttpCode(204)
  @Access('marketer')
  @ApiOperation({ summary: 'Archive a churn model; its runs and scores stay readable' })
  @ApiNoContentResponse()
  async archive(@Project() project: RequestProject, @Param('modelId') modelId: string) {
    await this.churn.archive(project.id, modelId);
  }
}
