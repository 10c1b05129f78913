import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { formatUserId, parseUserId } from '../../kernel/ids.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { SegmentTables } from '../data/segment-tables.js';
import { SegmentService } from '../segment.service.js';
import {
  MEMBER_PAGE,
  MEMBERSHIP,
  SEGMENT_RUN_DETAIL,
  SEGMENT_RUN_PAGE,
  START_RUN,
  type StartRun,
} from './segment.schema.js';
import { toRunSummary } from './to-answer.js';

@ProjectController('segments/:segmentId', 'Segments')
export class SegmentRunController {
  constructor(
    private readonly segments: SegmentService,
    private readonly tables: SegmentTables,
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
    const asOf = body.asOf === undefined ? null : Date.parse(body.asOf);
    const run = await this.segments.startRun(project.id, segmentId, { asOf, trigger: 'manual' });
    return { ...toRunSummary(run), sql: run.sql, params: run.params };
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
    return toPage(rows, page.limit, { toKey: ({ id }) => id, toItem: toRunSummary });
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
    return { ...toRunSummary(run), sql: run.sql, params: run.params };
  }

  @Get('runs/:runId/members')
  @Access('viewer')
  @ApiOperation({ summary: 'Members of a finished run, by user id' })
  @ApiOkResponse({ standardSchema: MEMBER_PAGE })
  async members(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Param('runId') runId: string,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    const run = await this.segments.getSegmentRun(project.id, segmentId, runId);
    if (run.state !== 'done')
      throw new Problem(PROBLEMS.conflict, `The run is ${run.state}: it has no members yet.`);
    const after = toUserNumber(fromCursor(page.cursor));
    const userIds = await this.tables.members.page({ runId, attempt: run.attempts }, after, page.limit + 1);
    return toPage(userIds, page.limit, {
      toKey: String,
      toItem: (userId) => ({ userId: formatUserId(userId) }),
    });
  }

  @Get('members/:userId')
  @Access('viewer')
  @ApiOperation({ summary: 'Whether a user is a member as of the latest finished run' })
  @ApiOkResponse({ standardSchema: MEMBERSHIP })
  async membership(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Param('userId') userIdText: string,
  ) {
    const userId = parseUserId(userIdText);
    if (userId === null) throw notFound('user', userIdText);
    await this.segments.get(project.id, segmentId);
    const run = await this.tables.runs.findLatestDone(segmentId);
    const isMember =
      run !== null && (await this.tables.members.has({ runId: run.id, attempt: run.attempts }, userId));
    return { userId: userIdText, isMember, runId: run?.id ?? null, asOf: run?.asOf.toISOString() ?? null };
  }
}

function toUserNumber(cursor: string | null): number {
  if (cursor === null) return 0;
  const userId = parseUserId(`usr_${cursor}`);
  if (userId === null) throw new Problem(PROBLEMS.invalidRequest, 'The cursor is not one of this list.');
  return userId;
}
