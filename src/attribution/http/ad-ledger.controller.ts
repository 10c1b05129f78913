import { Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { formatUserId, parseUserId } from '../../kernel/ids.js';
import { Clock } from '../../platform/clock/clock.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { CallbackService } from '../callback.service.js';
import { AdCallbackRepository, type CallbackRow } from '../data/ad-callback.repository.js';
import { AdClickRepository, type ClickRow } from '../data/ad-click.repository.js';
import { AdConversionRepository, type ConversionRow } from '../data/ad-conversion.repository.js';
import {
  AD_CALLBACK,
  AD_CALLBACK_PAGE,
  AD_CLICK_PAGE,
  CALLBACK_QUERY,
  type CallbackQuery,
  CLICK_QUERY,
  type ClickQuery,
  CONVERSION_PAGE,
  CONVERSION_QUERY,
  type ConversionQuery,
} from './attribution.schema.js';

/** What came, what it was matched with, and what the networks were told. */
@ProjectController('', 'Ad clicks and conversions')
export class AdLedgerController {
  constructor(
    private readonly clicks: AdClickRepository,
    private readonly conversions: AdConversionRepository,
    private readonly callbacks: AdCallbackRepository,
    private readonly sender: CallbackService,
    private readonly clock: Clock,
  ) {}

  @Get('ad-clicks')
  @Access('viewer')
  @ApiOperation({ summary: 'Ad clicks, newest first' })
  @ApiOkResponse({ standardSchema: AD_CLICK_PAGE })
  async listClicks(@Project() project: RequestProject, @Query({ schema: CLICK_QUERY }) query: ClickQuery) {
    const rows = await this.clicks.list(project.id, {
      adLinkId: query.adLinkId ?? null,
      before: fromCursor(query.cursor),
      limit: query.limit + 1,
    });
    return toPage(rows, query.limit, { toKey: (row) => row.id, toItem: toClick });
  }

  @Get('ad-conversions')
  @Access('viewer')
  @ApiOperation({ summary: 'Conversions with the click that earned them, or why none did; newest first' })
  @ApiOkResponse({ standardSchema: CONVERSION_PAGE })
  async listConversions(
    @Project() project: RequestProject,
    @Query({ schema: CONVERSION_QUERY }) query: ConversionQuery,
  ) {
    const rows = await this.conversions.list(project.id, {
      userId: query.userId === undefined ? null : parseUserId(query.userId),
      eventType: query.eventType ?? null,
      isAttributed: query.attributed === undefined ? null : query.attributed === 'true',
      before: fromCursor(query.cursor),
      limit: query.limit + 1,
    });
    return toPage(rows, query.limit, { toKey: (row) => row.id, toItem: toConversion });
  }

  @Get('ad-callbacks')
  @Access('viewer')
  @ApiOperation({ summary: 'Callbacks to networks with request and answer, newest first' })
  @ApiOkResponse({ standardSchema: AD_CALLBACK_PAGE })
  async listCallbacks(
    @Project() project: RequestProject,
    @Query({ schema: CALLBACK_QUERY }) query: CallbackQuery,
  ) {
    const rows = await this.callbacks.list(project.id, {
      state: query.state ?? null,
      before: fromCursor(query.cursor),
      limit: query.limit + 1,
    });
    return toPage(rows, query.limit, { toKey: (row) => row.id, toItem: toCallback });
  }

  @Get('ad-callbacks/:callbackId')
  @Access('viewer')
  @ApiOperation({ summary: 'One callback' })
  @ApiOkResponse({ standardSchema: AD_CALLBACK })
  async getCallback(@Project() project: RequestProject, @Param('callbackId') id: string) {
    const row = await this.callbacks.find(project.id, id);
    if (!row) throw notFound('ad callback', id);
    return toCallback(row);
  }

  @Post('ad-callbacks/:callbackId/retry')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({ summary: 'Send a callback again that was given up' })
  @ApiOkResponse({ standardSchema: AD_CALLBACK })
  async retry(@Project() project: RequestProject, @Param('callbackId') id: string) {
    const now = this.clock.now();
    const isQueued = await this.callbacks.requeue(project.id, id, now);
    const callback = await this.getCallback(project, id);
    if (!isQueued) {
      throw new Problem(
        PROBLEMS.conflict,
        `The callback is ${callback.state}: only a failed or unknown one.`,
      );
    }
    await this.sender.enqueue([id], now);
    return callback;
  }
}

function toClick(row: ClickRow) {
  const { projectId: _projectId, clickTokens: _clickTokens, rawQuery, ...rest } = row;
  return {
    ...rest,
    clickedAt: row.clickedAt.toISOString(),
    receivedAt: row.receivedAt.toISOString(),
    deviceIds: row.deviceIds.map(({ kind, raw, hashes }) => ({ kind, raw, md5: hashes[0] ?? '' })),
    query: rawQuery,
  };
}

function toConversion(row: ConversionRow) {
  return {
    ...row,
    userId: formatUserId(row.userId),
    occurredAt: row.occurredAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
  };
}

function toCallback(row: CallbackRow) {
  const { responseStatus, responseBody, ...rest } = row;
  return {
    ...rest,
    response: responseStatus === null ? null : { status: responseStatus, body: responseBody ?? '' },
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
