import { Body, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, ReadsOnly, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { ClientSignal } from '../../platform/http-server/client-signal.js';
import { EVENTS_QUERY, type EventsQuery } from '../core/events-query.js';
import { FUNNEL_QUERY, type FunnelQuery } from '../core/funnel-query.js';
import { RETENTION_QUERY, type RetentionQuery } from '../core/retention-query.js';
import { QueryService } from '../query.service.js';
import { EVENTS_ANSWER, FUNNEL_ANSWER, RETENTION_ANSWER } from './query.schema.js';
import { toEventsAnswer, toFunnelAnswer, toRetentionAnswer } from './to-answer.js';

@ProjectController('query', 'Queries')
export class QueryController {
  constructor(private readonly queries: QueryService) {}

  @Post('events')
  @HttpCode(200)
  @Access('viewer')
  @ReadsOnly()
  @ApiOperation({ summary: 'Count, sum and group events, over time' })
  @ApiOkResponse({ standardSchema: EVENTS_ANSWER })
  async events(
    @Project() project: RequestProject,
    @Body({ schema: EVENTS_QUERY }) query: EventsQuery,
    @ClientSignal() client: AbortSignal,
  ) {
    return toEventsAnswer(project, query, await this.queries.events(project, query, client));
  }

  @Post('funnel')
  @HttpCode(200)
  @Access('viewer')
  @ReadsOnly()
  @ApiOperation({ summary: 'Who went through some steps in order, how far, and how fast' })
  @ApiOkResponse({ standardSchema: FUNNEL_ANSWER })
  async funnel(
    @Project() project: RequestProject,
    @Body({ schema: FUNNEL_QUERY }) query: FunnelQuery,
    @ClientSignal() client: AbortSignal,
  ) {
    return toFunnelAnswer(project, query, await this.queries.funnel(project, query, client));
  }

  @Post('retention')
  @HttpCode(200)
  @Access('viewer')
  @ReadsOnly()
  @ApiOperation({ summary: 'Who came back after a first event, and when' })
  @ApiOkResponse({ standardSchema: RETENTION_ANSWER })
  async retention(
    @Project() project: RequestProject,
    @Body({ schema: RETENTION_QUERY }) query: RetentionQuery,
    @ClientSignal() client: AbortSignal,
  ) {
    return toRetentionAnswer(project, query, await this.queries.retention(project, query, client));
  }
}
