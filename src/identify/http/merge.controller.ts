import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { parseUserId } from '../../kernel/ids.js';
import {
  Access,
  CurrentPrincipal,
  type Principal,
  Project,
  type RequestProject,
} from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { notFound } from '../../platform/http-server/problem.js';
import { Identities } from '../contract.js';
import { parseMergeId } from '../core/merge-request.js';
import { MergeLogRepository } from '../data/merge-log.repository.js';
import { MergeService } from '../merge.service.js';
import { MERGE_PAGE, MERGE_REQUEST, MERGE_USERS, type MergeUsers } from './identity.schema.js';
import { toMerge, toRequest, toRowId } from './to-answer.js';

@ProjectController('', 'Identities')
export class MergeController {
  constructor(
    private readonly log: MergeLogRepository,
    private readonly merges: MergeService,
    private readonly identities: Identities,
  ) {}

  @Get('merges')
  @Access('viewer')
  @ApiOperation({ summary: 'Merges of the project with what caused them, newest first' })
  @ApiOkResponse({ standardSchema: MERGE_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: PAGE_QUERY }) query: PageQuery) {
    const page = { before: toRowId(fromCursor(query.cursor)), limit: query.limit + 1 };
    const rows = await this.log.list(project.id, page);
    return toPage(rows, query.limit, { toKey: ({ id }) => String(id), toItem: toMerge });
  }

  @Get('users/:userId/merges')
  @Access('viewer')
  @ApiOperation({ summary: 'Merges in which a user took part, newest first' })
  @ApiOkResponse({ standardSchema: MERGE_PAGE })
  async listOfUser(
    @Project() project: RequestProject,
    @Param('userId') id: string,
    @Query({ schema: PAGE_QUERY }) query: PageQuery,
  ) {
    const page = { before: toRowId(fromCursor(query.cursor)), limit: query.limit + 1 };
    const askedId = parseUserId(id);
    const userId = askedId === null ? null : await this.identities.findCurrent(project.id, askedId);
    if (userId === null) throw notFound('user', id);
    const rows = await this.log.listOfUser(project.id, userId, page);
    return toPage(rows, query.limit, { toKey: (row) => String(row.id), toItem: toMerge });
  }

  @Post('merges')
  @HttpCode(202)
  @Access('admin')
  @ApiOperation({
    summary: 'Merge users; look at `merges/preview` first',
    description:
      'It is done in its turn among the records of the project, wholly or not at all; the answer waits up to five seconds for that.',
  })
  @ApiAcceptedResponse({ standardSchema: MERGE_REQUEST })
  async merge(
    @Project() project: RequestProject,
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: MERGE_USERS }) body: MergeUsers,
  ) {
    return toRequest(await this.merges.merge(project.id, principal.keyId, body));
  }

  @Post('merges/:mergeId/undo')
  @HttpCode(202)
  @Access('admin')
  @ApiOperation({
    summary: 'Undo a merge',
    description:
      'The absorbed user is one of their own again, with the identities, the profile and the events from before the merge. What came since stays with the other. The two are not merged again by themselves.',
  })
  @ApiAcceptedResponse({ standardSchema: MERGE_REQUEST })
  async undo(
    @Project() project: RequestProject,
    @CurrentPrincipal() principal: Principal,
    @Param('mergeId') id: string,
  ) {
    const mergeId = parseMergeId(id);
    if (mergeId === null || !(await this.log.has(project.id, mergeId))) throw notFound('merge', id);
    return toRequest(await this.merges.undo(project.id, principal.keyId, mergeId));
  }

  @Get('merge-requests/:requestId')
  @Access('viewer')
  @ApiOperation({ summary: 'What became of a merge or an undo that was asked for' })
  @ApiOkResponse({ standardSchema: MERGE_REQUEST })
  async getRequest(@Project() project: RequestProject, @Param('requestId') id: string) {
    const request = await this.log.findRequest(project.id, id);
    if (!request) throw notFound('merge request that had its turn', id);
    return toRequest(request);
  }
}
