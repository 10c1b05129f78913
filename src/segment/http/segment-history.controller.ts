import { Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { formatUserId, isId } from '../../kernel/ids.js';
import { Clock } from '../../platform/clock/clock.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import type { LiveState } from '../data/live.repository.js';
import { LiveTables } from '../data/live-tables.js';
import { RunHistoryRepository } from '../data/run-history.repository.js';
import { SegmentTables } from '../data/segment-tables.js';
import { RunMembers } from '../run-members.service.js';
import { SegmentService } from '../segment.service.js';
import {
  MEMBERS_AS_OF,
  MEMBERS_QUERY,
  type MembersQuery,
  SIZE_PAGE,
  SIZES_QUERY,
  type SizesQuery,
} from './segment-history.schema.js';
import { toUserNumber } from './user-cursor.js';

@ProjectController('segments/:segmentId', 'Segments')
export class SegmentHistoryController {
  constructor(
    private readonly clock: Clock,
    private readonly segments: SegmentService,
    private readonly history: RunHistoryRepository,
    private readonly runs: RunMembers,
    private readonly tables: SegmentTables,
    private readonly live: LiveTables,
  ) {}

  @Get('sizes')
  @Access('viewer')
  @ApiOperation({ summary: 'The size of a segment over time, one point per finished run, for a chart' })
  @ApiOkResponse({ standardSchema: SIZE_PAGE })
  async sizes(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Query({ schema: SIZES_QUERY }) query: SizesQuery,
  ) {
    await this.segments.get(project.id, segmentId);
    const cursor = fromCursor(query.cursor);
    const from = query.from === undefined ? -1 : Date.parse(query.from) - 1;
    const span = {
      after: cursor === null ? from : toMoment(cursor),
      until: query.to === undefined ? this.clock.now() : Date.parse(query.to),
    };
    const points = await this.history.sizes(segmentId, span, query.limit + 1);
    return toPage(points, query.limit, {
      toKey: ({ asOf }) => String(asOf.getTime()),
      toItem: (point) => ({ ...point, asOf: point.asOf.toISOString() }),
    });
  }

  /** Pages go on in the run that the first one was about, also when another run has finished meanwhile. */
  @Get('members')
  @Access('viewer')
  @ApiOperation({
    summary:
      'Members as of a moment: of the finished run with the latest moment until then; without one, of a live segment now',
  })
  @ApiOkResponse({ standardSchema: MEMBERS_AS_OF })
  async members(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Query({ schema: MEMBERS_QUERY }) query: MembersQuery,
  ) {
    const { version } = await this.segments.get(project.id, segmentId);
    const after = fromCursor(query.cursor);
    const live =
      query.asOf === undefined && !after?.includes('.') ? await this.live.live.find(segmentId) : null;
    if (live) return { ...(await this.liveMembers(live, after, query.limit)), version };
    const cursor = readCursor(after);
    const asOf = query.asOf === undefined ? this.clock.now() : Date.parse(query.asOf);
    const runId = cursor?.runId ?? (await this.history.findAsOf(segmentId, asOf));
    if (runId === null) {
      throw new Problem(
        PROBLEMS.notFound,
        `No run of the segment has finished as of ${new Date(asOf).toISOString()} or earlier: run it as of that moment.`,
      );
    }
    const { run, selection } = await this.runs.select(project.id, { segmentId, runId }, 'members');
    const userIds = await this.tables.members.pageOf(selection, cursor?.after ?? 0, query.limit + 1);
    const page = toPage(userIds, query.limit, {
      toKey: (userId) => `${runId}.${userId}`,
      toItem: (userId) => ({ userId: formatUserId(userId) }),
    });
    return { ...page, runId, asOf: run.asOf.toISOString(), version: run.version };
  }

  private async liveMembers({ build, asOf }: LiveState, cursor: string | null, limit: number) {
    if (build === null || asOf === null)
      throw new Problem(PROBLEMS.conflict, 'The members are being computed for the first time.');
    const userIds = await this.live.store.page(build, toUserNumber(cursor), limit + 1);
    const page = toPage(userIds, limit, {
      toKey: String,
      toItem: (userId) => ({ userId: formatUserId(userId) }),
    });
    return { ...page, runId: null, asOf: asOf.toISOString() };
  }
}

function toMoment(cursor: string): number {
  const moment = Number(cursor);
  if (!Number.isSafeInteger(moment)) throw foreignCursor();
  return moment;
}

function readCursor(cursor: string | null): { runId: string; after: number } | null {
  if (cursor === null) return null;
  const [runId = '', after = ''] = cursor.split('.');
  if (!isId('run', runId)) throw foreignCursor();
  return { runId, after: toUserNumber(after) };
}

function foreignCursor(): Problem {
  return new Problem(PROBLEMS.invalidRequest, 'The cursor is not one of this list.');
}
