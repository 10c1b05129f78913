import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { formatUserId } from '../../kernel/ids.js';
import { Config } from '../../platform/config/config.js';
import { Access, Project, ReadsOnly, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import type { Segment } from '../data/segment.repository.js';
import { SegmentTables } from '../data/segment-tables.js';
import { DefinitionWarnings } from '../definition-warnings.service.js';
import { ForecastService } from '../forecast.service.js';
import { PreviewService } from '../preview.service.js';
import { SegmentService } from '../segment.service.js';
import {
  CREATE_SEGMENT,
  type CreateSegment,
  DIFFERENCE,
  LIST_SEGMENTS,
  type ListSegments,
  PREVIEW,
  PREVIEW_SEGMENT,
  type PreviewSegment,
  SEGMENT_DETAIL,
  SEGMENT_PAGE,
  SEGMENT_SAVED,
  SEGMENT_VERSION_LIST,
  UPDATE_SEGMENT,
  type UpdateSegment,
} from './segment.schema.js';
import { toForecastAnswer, toRunSummary, toSegment } from './to-answer.js';

@ProjectController('segments', 'Segments')
export class SegmentController {
  constructor(
    private readonly segments: SegmentService,
    private readonly previews: PreviewService,
    private readonly tables: SegmentTables,
    private readonly forecasts: ForecastService,
    private readonly config: Config,
    private readonly warnings: DefinitionWarnings,
  ) {}

  @Post()
  @Access('marketer')
  @ApiOperation({ summary: 'Make a segment' })
  @ApiCreatedResponse({ standardSchema: SEGMENT_SAVED })
  async create(@Project() project: RequestProject, @Body({ schema: CREATE_SEGMENT }) body: CreateSegment) {
    const segment = await this.segments.create(project, body);
    return this.toSaved(project, segment, true);
  }

  @Post('preview')
  @HttpCode(200)
  @Access('viewer')
  @ApiOperation({ summary: 'Count the members of a definition, and look at some, without saving anything' })
  @ApiOkResponse({ standardSchema: PREVIEW })
  async preview(@Project() project: RequestProject, @Body({ schema: PREVIEW_SEGMENT }) body: PreviewSegment) {
    const { asOf, sample, forecast, ...rest } = await this.previews.preview(
      project,
      body.definition,
      body.exact,
    );
    return {
      asOf: new Date(asOf).toISOString(),
      sample: sample.map(formatUserId),
      ...rest,
      forecast: toForecastAnswer(forecast),
    };
  }

  @Post(':segmentId/difference')
  @HttpCode(200)
  @Access('viewer')
  @ReadsOnly()
  @ApiOperation({ summary: 'How the members would change with another definition, before it is saved' })
  @ApiOkResponse({ standardSchema: DIFFERENCE })
  async difference(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Body({ schema: PREVIEW_SEGMENT }) body: PreviewSegment,
  ) {
    const segment = await this.segments.get(project.id, segmentId);
    const found = await this.previews.difference(project, segment, body.definition);
    return {
      ...found,
      asOf: new Date(found.asOf).toISOString(),
      inBothSample: found.inBothSample.map(formatUserId),
      onlyBeforeSample: found.onlyBeforeSample.map(formatUserId),
      onlyAfterSample: found.onlyAfterSample.map(formatUserId),
    };
  }

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Segments, newest first' })
  @ApiOkResponse({ standardSchema: SEGMENT_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: LIST_SEGMENTS }) query: ListSegments) {
    const rows = await this.tables.segments.list(project.id, {
      state: query.state ?? null,
      before: fromCursor(query.cursor),
      limit: query.limit + 1,
    });
    return toPage(rows, query.limit, { toKey: ({ id }) => id, toItem: toSegment });
  }

  @Get(':segmentId')
  @Access('viewer')
  @ApiOperation({ summary: 'One segment, with its latest finished run' })
  @ApiOkResponse({ standardSchema: SEGMENT_DETAIL })
  async get(@Project() project: RequestProject, @Param('segmentId') segmentId: string) {
    const segment = await this.segments.get(project.id, segmentId);
    const run = await this.tables.runs.findLatestDone(segmentId);
    return {
      ...toSegment(segment),
      latestRun: run && toRunSummary(run, this.config.get('SEGMENT_MEMBERS_DAYS')),
    };
  }

  @Get(':segmentId/versions')
  @Access('viewer')
  @ApiOperation({ summary: 'Versions of the definition, newest first' })
  @ApiOkResponse({ standardSchema: SEGMENT_VERSION_LIST })
  async versions(@Project() project: RequestProject, @Param('segmentId') segmentId: string) {
    await this.segments.get(project.id, segmentId);
    const versions = await this.tables.segments.listVersions(segmentId);
    return { items: versions.map((each) => ({ ...each, createdAt: each.createdAt.toISOString() })) };
  }

  @Patch(':segmentId')
  @Access('marketer')
  @ApiOperation({ summary: 'Change a segment; a changed definition becomes a new version' })
  @ApiOkResponse({ standardSchema: SEGMENT_SAVED })
  async update(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Body({ schema: UPDATE_SEGMENT }) body: UpdateSegment,
  ) {
    const segment = await this.segments.update(project.id, segmentId, body);
    return this.toSaved(project, segment, body.definition !== undefined);
  }

  @Delete(':segmentId')
  @HttpCode(204)
  @Access('marketer')
  @ApiOperation({ summary: 'Archive a segment; its runs stay readable' })
  @ApiNoContentResponse()
  async archive(@Project() project: RequestProject, @Param('segmentId') segmentId: string) {
    await this.segments.archive(project.id, segmentId);
  }

  /** @param isNew whether what the definition names was not looked up before */
  private async toSaved(project: RequestProject, segment: Segment, isNew: boolean) {
    const { id, definition } = segment;
    const [warnings, forecast] = await Promise.all([
      isNew ? this.warnings.find(project, definition) : [],
      this.forecasts.tryOfDefinition(project, definition, id),
    ]);
    return { ...toSegment(segment), warnings, forecast: forecast && toForecastAnswer(forecast) };
  }
}
