import { Body, Get, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { MergeLogRepository } from '../data/merge-log.repository.js';
import { ProjectRules, type ShownRules } from '../project-rules.js';
import {
  IDENTITY_RULES,
  REFUSAL_PAGE,
  REFUSAL_QUERY,
  type RefusalQuery,
  type SaveRules,
  SHOWN_RULES,
} from './identity.schema.js';
import { toRefusal, toRowId } from './to-answer.js';

@ProjectController('', 'Identities')
export class IdentityController {
  constructor(
    private readonly rules: ProjectRules,
    private readonly log: MergeLogRepository,
  ) {}

  @Get('identity-rules')
  @Access('viewer')
  @ApiOperation({ summary: 'What joins users, and what never does' })
  @ApiOkResponse({ standardSchema: SHOWN_RULES })
  async getRules(@Project() project: RequestProject) {
    return toShownRules(await this.rules.show(project.id));
  }

  @Put('identity-rules')
  @Access('admin')
  @ApiOperation({
    summary: 'Replace the rules; a field left out has its default again',
    description:
      'They hold for records that are taken in from half a second later on; merges stay as they are.',
  })
  @ApiOkResponse({ standardSchema: SHOWN_RULES })
  async saveRules(@Project() project: RequestProject, @Body({ schema: IDENTITY_RULES }) body: SaveRules) {
    await this.rules.save(project.id, body);
    return toShownRules(await this.rules.show(project.id));
  }

  @Get('identity-refusals')
  @Access('viewer')
  @ApiOperation({ summary: 'Identities that were not joined, with the reason; newest first' })
  @ApiOkResponse({ standardSchema: REFUSAL_PAGE })
  async listRefusals(
    @Project() project: RequestProject,
    @Query({ schema: REFUSAL_QUERY }) query: RefusalQuery,
  ) {
    const page = { before: toRowId(fromCursor(query.cursor)), limit: query.limit + 1 };
    const rows = await this.log.listRefusals(project.id, { reason: query.reason ?? null }, page);
    return toPage(rows, query.limit, { toKey: ({ id }) => String(id), toItem: toRefusal });
  }
}

function toShownRules({ rules, loginKeys }: ShownRules) {
  return { ...rules, loginKeys };
}
