import { Get, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import { formatUserId } from '../../kernel/ids.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { ClientSignal } from '../../platform/http-server/client-signal.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import type { WhichMembers } from '../core/which-members.js';
import { EXPORT_FORMATS } from '../data/member-store.js';
import { SegmentTables } from '../data/segment-tables.js';
import { RunMembers } from '../run-members.service.js';
import { EXPORT_QUERY, type ExportQuery, MEMBER_PAGE } from './segment.schema.js';
import { toUserNumber } from './user-cursor.js';

@ProjectController('segments/:segmentId/runs/:runId', 'Segments')
export class RunMembersController {
  constructor(
    private readonly runs: RunMembers,
    private readonly tables: SegmentTables,
  ) {}

  @Get('members')
  @Access('viewer')
  @ApiOperation({ summary: 'Members of a finished run, by user id' })
  @ApiOkResponse({ standardSchema: MEMBER_PAGE })
  members(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Param('runId') runId: string,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    return this.page(project, { segmentId, runId, which: 'members' }, page);
  }

  @Get('entered')
  @Access('viewer')
  @ApiOperation({ summary: 'Members of a finished run that the run it was compared with did not have' })
  @ApiOkResponse({ standardSchema: MEMBER_PAGE })
  entered(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Param('runId') runId: string,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    return this.page(project, { segmentId, runId, which: 'entered' }, page);
  }

  @Get('exited')
  @Access('viewer')
  @ApiOperation({ summary: 'Members of the run it was compared with that a finished run no longer has' })
  @ApiOkResponse({ standardSchema: MEMBER_PAGE })
  exited(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Param('runId') runId: string,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    return this.page(project, { segmentId, runId, which: 'exited' }, page);
  }

  @Get('export')
  @Access('viewer')
  @ApiOperation({ summary: 'The users of a finished run as CSV, JSON lines or Parquet, at once' })
  @ApiProduces(...Object.values(EXPORT_FORMATS).map(({ mediaType }) => mediaType))
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async export(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Param('runId') runId: string,
    @Query({ schema: EXPORT_QUERY }) { format, which }: ExportQuery,
    @ClientSignal() client: AbortSignal,
  ) {
    const { selection } = await this.runs.select(project.id, { segmentId, runId }, which);
    const users = await this.tables.members.export(selection, format, client);
    const name = which === 'members' ? runId : `${runId}-${which}`;
    return new StreamableFile(users, {
      type: EXPORT_FORMATS[format].mediaType,
      disposition: `attachment; filename="${name}.${format}"`,
    });
  }

  private async page(
    project: RequestProject,
    of: { segmentId: string; runId: string; which: WhichMembers },
    page: PageQuery,
  ) {
    const { selection } = await this.runs.select(project.id, of, of.which);
    const after = toUserNumber(fromCursor(page.cursor));
    const userIds = await this.tables.members.pageOf(selection, after, page.limit + 1);
    return toPage(userIds, page.limit, {
      toKey: String,
      toItem: (userId) => ({ userId: formatUserId(userId) }),
    });
  }
}
