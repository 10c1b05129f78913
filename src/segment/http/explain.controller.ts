import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { parseUserId } from '../../kernel/ids.js';
import { Clock } from '../../platform/clock/clock.js';
import { Access, Project, ReadsOnly, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { invalidField, notFound } from '../../platform/http-server/problem.js';
import type { AnyDefinition } from '../core/sql-definition.js';
import { ExplainService } from '../explain.service.js';
import { SegmentService } from '../segment.service.js';
import {
  EXPLAIN_DEFINITION,
  EXPLAIN_QUERY,
  EXPLANATION,
  type ExplainDefinition,
  type ExplainQuery,
} from './explain.schema.js';
import { toExplanation } from './to-explanation.js';

@ProjectController('segments', 'Segments')
export class ExplainController {
  constructor(
    private readonly clock: Clock,
    private readonly segments: SegmentService,
    private readonly explanations: ExplainService,
  ) {}

  @Post('explain')
  @HttpCode(200)
  @Access('viewer')
  @ReadsOnly()
  @ApiOperation({ summary: 'Why a definition holds for a user or not, without saving it' })
  @ApiOkResponse({ standardSchema: EXPLANATION })
  explainDefinition(
    @Project() project: RequestProject,
    @Body({ schema: EXPLAIN_DEFINITION }) body: ExplainDefinition,
  ) {
    return this.explain(project, body.definition, { ...body, segmentId: null });
  }

  @Get(':segmentId/explain')
  @Access('viewer')
  @ApiOperation({ summary: 'Why a user is in a segment or not, and what would flip it' })
  @ApiOkResponse({ standardSchema: EXPLANATION })
  async explainSegment(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Query({ schema: EXPLAIN_QUERY }) query: ExplainQuery,
  ) {
    const { definition } = await this.segments.get(project.id, segmentId);
    return this.explain(project, definition, { ...query, segmentId });
  }

  private async explain(
    project: RequestProject,
    definition: AnyDefinition,
    wish: ExplainQuery & { segmentId: string | null },
  ) {
    const nowMs = this.clock.now();
    const asOf = wish.asOf === undefined ? nowMs : Date.parse(wish.asOf);
    if (asOf > nowMs) throw invalidField('/asOf', 'in_the_future', 'asOf must not be later than now.');
    const userId = parseUserId(wish.user);
    if (userId === null) throw notFound('user', wish.user);
    const { segmentId } = wish;
    return toExplanation(
      await this.explanations.explain(project, definition, { userId, asOf, segmentId }),
      asOf,
    );
  }
}
