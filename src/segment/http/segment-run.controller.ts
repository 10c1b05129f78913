import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { parseUserId } from '../../kernel/ids.js';
import { Config } from '../../platform/config/config.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { notFound } from '../../platform/http-server/problem.js';
import { LiveTables } from '../data/live-tables.js';
import { SegmentTables } from '../data/segment-tables.js';
import { ForecastService } from '../forecast.service.js';
import { SegmentService } from '../segment.service.js';
import { tooExpensive } from './segment.problems.js';
import {
  MEMBERSHIP,
  MEMBERSHIP_PAGE,
  SEGMENT_RUN_DETAIL,
  SEGMENT_RUN_PAGE,
  START_RUN,
  type StartRun,
} from './segment.schema.js';
import { toRunDetail, toRunSummary } from './to-answer.js';

@ProjectController('segments/:segmentId', 'Segments')
export class SegmentRunController {
  constructor(
    private readonly segments: SegmentService,
    private readonly tables: SegmentTables,
    private readonly forecasts: ForecastService,
    private readonly config: Config,
    private readonly live: LiveTables,
  ) {}

  @Post('runs')
  @HttpCode(202)
  @Access('marketer')
  @ApiOperation({
    summary: 'Run a segment now, or as of a past moment; the answer does not wait for its end',
  })
  @ApiAcceptedResponse({ standardSchema: SEGMENT_RUN_DETAIL })
  async start(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Body({ schema: START_RUN }) body: StartRun,
  ) {
    const { definition } = await this.segments.get(project.id, segmentId);
    const forecast = await this.forecasts.tryOfDefinition(project, definition, segmentId);
    if (forecast && forecast.refusal !== null) throw tooExpensive(forecast.refusal, '');
    const asOf = body.asOf === undefined ? null : Date.parse(body.asOf);
    const run = await this.segments.startRun(project.id, segmentId, {
      asOf,
      trigger: 'manual',
      priority: body.priority,
    });
    return toRunDetail(run, this.keptDays);
  }

  @Get('runs')
  @Access('viewer')
  @ApiOperation({ summary: 'Runs of a segment, newest first' })
  @ApiOkResponse({ standardSchema: SEGMENT_RUN_PAGE })
  async list(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    await this.segments.get(project.id, segmentId);
    const rows = await this.tables.runs.list(segmentId, fromCursor(page.cursor), page.limit + 1);
    return toPage(rows, page.limit, {
      toKey: ({ id }) => id,
      toItem: (run) => toRunSummary(run, this.keptDays),
    });
  }

  @Get('runs/:runId')
  @Access('viewer')
  @ApiOperation({ summary: 'One run, with its query' })
  @ApiOkResponse({ standardSchema: SEGMENT_RUN_DETAIL })
  async get(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Param('runId') runId: string,
  ) {
    const run = await this.segments.getSegmentRun(project.id, segmentId, runId);
    return toRunDetail(run, this.keptDays);
  }

  @Post('runs/:runId/cancel')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({ summary: 'Cancel a run that waits or is under way; its query ends within seconds' })
  @ApiOkResponse({ standardSchema: SEGMENT_RUN_DETAIL })
  async cancel(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Param('runId') runId: string,
  ) {
    return toRunDetail(await this.segments.cancelRun(project.id, segmentId, runId), this.keptDays);
  }

  @Get('members/:userId/runs')
  @Access('viewer')
  @ApiOperation({ summary: 'In which runs a user was a member, newest first' })
  @ApiOkResponse({ standardSchema: MEMBERSHIP_PAGE })
  async memberships(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Param('userId') userIdText: string,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    const userId = parseUserId(userIdText);
    if (userId === null) throw notFound('user', userIdText);
    await this.segments.get(project.id, segmentId);
    const runs = await this.tables.runs.listDone(segmentId, fromCursor(page.cursor), page.limit + 1);
    const sets = runs.map(({ id, attempts }) => ({ runId: id, attempt: attempts }));
    const found = await this.tables.members.runsWith(sets, userId);
    return toPage(runs, page.limit, {
      toKey: ({ id }) => id,
      toItem: ({ id, version, asOf, membersDroppedAt }) => ({
        runId: id,
        version,
        asOf: asOf.toISOString(),
        // Of a run whose members were dropped nobody knows.
        isMember: membersDroppedAt ? null : found.has(id),
      }),
    });
  }

  @Get('members/:userId')
  @Access('viewer')
  @ApiOperation({
    summary: 'Whether a user is a member now of a live segment, or as of the latest finished run',
  })
  @ApiOkResponse({ standardSchema: MEMBERSHIP })
  async membership(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Param('userId') userIdText: string,
  ) {
    const userId = parseUserId(userIdText);
    if (userId === null) throw notFound('user', userIdText);
    await this.segments.get(project.id, segmentId);
    const live = await this.live.live.find(segmentId);
    if (live?.build && live.asOf) {
      const isMember = await this.live.store.has(live.build, userId);
      return { userId: userIdText, isMember, runId: null, asOf: live.asOf.toISOString() };
    }
    const run = await this.tables.runs.findLatestDone(segmentId);
    const isMember =
      run !== null && (await this.tables.members.has({ runId: run.id, attempt: run.attempts }, userId));
    return { userId: userIdText, isMember, runId: run?.id ?? null, asOf: run?.asOf.toISOString() ?? null };
  }

  private get keptDays(): number {
    return this.config.get('SEGMENT_MEMBERS_DAYS');
  }
}
