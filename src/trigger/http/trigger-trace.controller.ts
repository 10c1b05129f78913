import { Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { formatUserId, parseUserId } from '../../kernel/ids.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { notFound } from '../../platform/http-server/problem.js';
import { TriggerRepository } from '../data/trigger.repository.js';
import { TriggerTables } from '../data/trigger-tables.js';
import {
  DECISION_PAGE,
  DECISION_QUERY,
  type DecisionQuery,
  TIMER_PAGE,
  TIMER_QUERY,
  type TimerQuery,
} from './trigger.schema.js';

/** Why a trigger fired for a user, or did not. */
@ProjectController('triggers/:triggerId', 'Triggers')
export class TriggerTraceController {
  constructor(
    private readonly triggers: TriggerRepository,
    private readonly tables: TriggerTables,
  ) {}

  @Get('decisions')
  @Access('viewer')
  @ApiOperation({
    summary: 'What the trigger decided, newest first',
    description: 'Decisions not to fire are kept for 30 days, the others for 400.',
  })
  @ApiOkResponse({ standardSchema: DECISION_PAGE })
  async decisions(
    @Project() project: RequestProject,
    @Param('triggerId') triggerId: string,
    @Query({ schema: DECISION_QUERY }) query: DecisionQuery,
  ) {
    await this.check(project, triggerId);
    const rows = await this.tables.decisions.list(triggerId, {
      ...toFilter(query),
      outcome: query.outcome ?? null,
    });
    return toPage(rows, query.limit, {
      toKey: ({ id }) => id,
      toItem: (row) => ({ ...row, userId: formatUserId(row.userId), at: row.at.toISOString() }),
    });
  }

  @Get('timers')
  @Access('viewer')
  @ApiOperation({ summary: 'Users for whom the trigger waits or waited, newest first' })
  @ApiOkResponse({ standardSchema: TIMER_PAGE })
  async timers(
    @Project() project: RequestProject,
    @Param('triggerId') triggerId: string,
    @Query({ schema: TIMER_QUERY }) query: TimerQuery,
  ) {
    await this.check(project, triggerId);
    const rows = await this.tables.timers.list(triggerId, {
      ...toFilter(query),
      state: query.state ?? null,
    });
    return toPage(rows, query.limit, {
      toKey: ({ id }) => id,
      toItem: (row) => ({
        ...row,
        userId: formatUserId(row.userId),
        openedAt: row.openedAt.toISOString(),
        dueAt: row.dueAt.toISOString(),
        settledAt: row.settledAt?.toISOString() ?? null,
      }),
    });
  }

  private async check(project: RequestProject, triggerId: string): Promise<void> {
    if (!(await this.triggers.find(project.id, triggerId))) throw notFound('trigger', triggerId);
  }
}

function toFilter(query: { user?: string | undefined; cursor?: string | undefined; limit: number }) {
  return {
    userId: query.user === undefined ? null : parseUserId(query.user),
    before: fromCursor(query.cursor),
    limit: query.limit + 1,
  };
}
