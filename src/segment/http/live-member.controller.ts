import { Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { toChange } from '../core/change-effects.js';
import { ChangeStreamRepository } from '../data/change-stream.repository.js';
import { LiveTables } from '../data/live-tables.js';
import { SegmentService } from '../segment.service.js';
import { CHANGE_PAGE, LIVE_STATE, STREAM_STATE } from './live.schema.js';
import { toUserNumber } from './user-cursor.js';

@ProjectController('segments/:segmentId', 'Segments')
export class LiveMemberController {
  constructor(
    private readonly segments: SegmentService,
    private readonly tables: LiveTables,
    private readonly streams: ChangeStreamRepository,
  ) {}

  @Get('live')
  @Access('viewer')
  @ApiOperation({ summary: 'How far a live segment is' })
  @ApiOkResponse({ standardSchema: LIVE_STATE })
  async state(@Project() project: RequestProject, @Param('segmentId') segmentId: string) {
    const { build, asOf, error } = await this.find(project, segmentId);
    return {
      state: build === null ? ('building' as const) : ('current' as const),
      asOf: asOf?.toISOString() ?? null,
      memberCount: build === null ? null : await this.tables.store.count(build),
      error,
    };
  }

  @Get('changes')
  @Access('viewer')
  @ApiOperation({ summary: 'Who came into a segment and who left it, latest first' })
  @ApiOkResponse({ standardSchema: CHANGE_PAGE })
  async changes(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    await this.segments.get(project.id, segmentId);
    const before = toPosition(fromCursor(page.cursor));
    const rows = await this.tables.changes.list(segmentId, { before, limit: page.limit + 1 });
    const batches = await this.tables.batches.findMany([...new Set(rows.map(({ batch }) => batch))]);
    return toPage(rows, page.limit, {
      toKey: ({ batch, userId }) => `${batch}.${userId}`,
      toItem: ({ batch, userId, isEntry, at }) => {
        const found = batches.get(batch);
        return {
          ...toChange({ userId, isEntry }),
          at: new Date(at).toISOString(),
          source: found?.source ?? ('live' as const),
          runId: found?.runId ?? null,
          version: found?.version ?? 0,
        };
      },
    });
  }

  @Get('stream')
  @Access('viewer')
  @ApiOperation({ summary: 'How far the changes of a segment are written to its topic of Kafka' })
  @ApiOkResponse({ standardSchema: STREAM_STATE })
  async stream(@Project() project: RequestProject, @Param('segmentId') segmentId: string) {
    const { changes } = await this.segments.get(project.id, segmentId);
    const { batches, since } = await this.streams.waiting(segmentId);
    const failure = await this.streams.findFailure(segmentId);
    return {
      topic: changes?.kafkaTopic ?? null,
      waitingBatches: batches,
      waitingSince: since?.toISOString() ?? null,
      failure: failure && {
        ...failure,
        failedAt: failure.failedAt.toISOString(),
        nextAttemptAt: failure.nextAttemptAt.toISOString(),
      },
    };
  }

  private async find(project: RequestProject, segmentId: string) {
    await this.segments.get(project.id, segmentId);
    const state = await this.tables.live.find(segmentId);
    if (!state) throw new Problem(PROBLEMS.conflict, 'The segment is not live: its runs have members.');
    return state;
  }
}

function toPosition(cursor: string | null): { batch: number; userId: number } | null {
  if (cursor === null) return null;
  const [batch = '', user = ''] = cursor.split('.');
  if (!/^[1-9]\d{0,14}$/.test(batch))
    throw new Problem(PROBLEMS.invalidRequest, 'The cursor is not one of this list.');
  return { batch: Number(batch), userId: toUserNumber(user) };
}
