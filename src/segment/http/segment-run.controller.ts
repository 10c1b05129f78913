import { Body, Get, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import { formatUserId, parseUserId } from '../../kernel/ids.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { ClientSignal } from '../../platform/http-server/client-signal.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { EXPORT_FORMATS } from '../data/member-store.js';
import type { SegmentRun } from '../data/segment-run.repository.js';
import { SegmentTables } from '../data/segment-tables.js';
import { SegmentService } from '../segment.service.js';
import {
  EXPORT_QUERY,
  type ExportQuery,
  MEMBER_PAGE,
  MEMBERSHIP,
  MEMBERSHIP_PAGE,
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
    const run = await this.finishedRun(project, segmentId, runId);
    const after = toUserNumber(fromCursor(page.cursor));
    const userIds = await this.tables.members.page({ runId, attempt: run.attempts }, after, page.limit + 1);
    return toPage(userIds, page.limit, {
      toKey: String,
      toItem: (userId) => ({ userId: formatUserId(userId) }),
    });
  }

  @Get('runs/:runId/export')
  @Access('viewer')
  @ApiOperation({ summary: 'All members of a finished run as CSV, JSON lines or Parquet' })
  @ApiProduces(...Object.values(EXPORT_FORMATS).map(({ mediaType }) => mediaType))
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async export(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Param('runId') runId: string,
    @Query({ schema: EXPORT_QUERY }) { format }: ExportQuery,
    @ClientSignal() client: AbortSignal,
  ) {
    const run = await this.finishedRun(project, segmentId, runId);
    const members = await this.tables.members.export({ runId, attempt: run.attempts }, format, client);
    return new StreamableFile(members, {
      type: EXPORT_FORMATS[format].mediaType,
      disposition: `attachment; filename="${runId}.${format}"`,
    });
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
      toItem: ({ id, version, asOf }) => ({
        runId: id,
        version,
        asOf: asOf.toISOString(),
        isMember: found.has(id),
      }),
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

  private async finishedRun(project: RequestProject, segmentId: string, runId: string): Promise<SegmentRun> {
    const run = await this.segments.getSegmentRun(project.id, segmentId, runId);
    if (run.state !== 'done')
      throw new Problem(PROBLEMS.conflict, `The run is ${run.state}: it has no members yet.`);
    return run;
  }
}

function toUserNumber(cursor: string | null): number {
  if (cursor === null) return 0;
  const userId = parseUserId(`usr_${cursor}`);
  if (userId === null) throw new Problem(PROBLEMS.invalidRequest, 'The cursor is not one of this list.');
  return userId;
}
