import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { formatUserId, NO_USER, type ProjectId } from '../../kernel/ids.js';
import { Clock } from '../../platform/clock/clock.js';
import {
  Access,
  CurrentPrincipal,
  type Principal,
  Project,
  type RequestProject,
} from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { countMessages } from '../count-messages.js';
import { MessageQueryRepository, type MessageRow } from '../data/message-query.repository.js';
import { MessageUpkeepRepository } from '../data/message-upkeep.repository.js';
import { toIso } from '../data/to-records.js';
import { MessageJobs } from '../message-jobs.js';
import {
  MESSAGE_PAGE,
  MESSAGE_QUERY,
  MESSAGE_WITH_LOG,
  type MessageQuery,
  SETTLE_MESSAGE,
  type SettleMessage,
} from './message.schema.js';

@ProjectController('messages', 'Messages')
export class MessageController {
  constructor(
    private readonly messages: MessageQueryRepository,
    private readonly upkeep: MessageUpkeepRepository,
    private readonly jobs: MessageJobs,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Messages of the send ledger, newest first' })
  @ApiOkResponse({ standardSchema: MESSAGE_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: MESSAGE_QUERY }) query: MessageQuery) {
    const filter = {
      campaignId: query.campaign ?? null,
      userId: query.user ?? null,
      state: query.state ?? null,
      reason: query.reason ?? null,
    };
    const page = { before: fromCursor(query.cursor), limit: query.limit + 1 };
    const rows = await this.messages.list(project.id, filter, page);
    return toPage(rows, query.limit, { toKey: ({ id }) => id, toItem: toMessageView });
  }

  @Get(':messageId')
  @Access('viewer')
  @ApiOperation({ summary: 'One message with its history' })
  @ApiOkResponse({ standardSchema: MESSAGE_WITH_LOG })
  async get(@Project() project: RequestProject, @Param('messageId') messageId: string) {
    return this.view(project.id, messageId);
  }

  @Post(':messageId/settle')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({ summary: 'Say what became of a message whose state is unknown' })
  @ApiOkResponse({ standardSchema: MESSAGE_WITH_LOG })
  async settle(
    @Project() project: RequestProject,
    @CurrentPrincipal() principal: Principal,
    @Param('messageId') messageId: string,
    @Body({ schema: SETTLE_MESSAGE }) body: SettleMessage,
  ) {
    const detail = `Settled by ${principal.keyId}${body.note === '' ? '' : `: ${body.note}`}`;
    const settled = await this.upkeep.settleUnknown(
      { projectId: project.id, id: messageId, state: body.state, detail },
      this.clock.now(),
    );
    const view = await this.view(project.id, messageId);
    if (!settled) {
      throw new Problem(
        PROBLEMS.conflict,
        `The message is ${view.state}: only one whose state is unknown can be settled by hand.`,
      );
    }
    countMessages([settled]);
    if (settled.state === 'accepted') await this.jobs.addAnnouncements([messageId]);
    return view;
  }

  private async view(projectId: ProjectId, messageId: string) {
    const row = await this.messages.find(projectId, messageId);
    if (!row) throw notFound('message', messageId);
    const log = await this.messages.logOf(messageId);
    return { ...toMessageView(row), log: log.map((entry) => ({ ...entry, at: toIso(entry.at) })) };
  }
}

function toMessageView({ isPermanent, ...row }: MessageRow) {
  const userId = Number(row.userId);
  return {
    ...row,
    userId: userId === NO_USER ? null : formatUserId(userId),
    permanent: isPermanent,
    sendAt: toIso(row.sendAt),
    plannedAt: toIso(row.plannedAt),
    queuedAt: toIso(row.queuedAt),
    sendingAt: toIso(row.sendingAt),
    settledAt: toIso(row.settledAt),
    openedAt: toIso(row.openedAt),
    clickedAt: toIso(row.clickedAt),
  };
}
