import { Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { formatUserId } from '../../kernel/ids.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { toIso } from '../data/to-records.js';
import { WebhookCallRepository, type WebhookCallRow } from '../data/webhook-call.repository.js';
import { WebhookCallService } from '../webhook-calls.js';
import { SIGNING_KEY, WEBHOOK_PAGE, WEBHOOK_QUERY, type WebhookQuery } from './webhook.schema.js';

@ProjectController('webhooks', 'Webhooks')
export class WebhookController {
  constructor(
    private readonly calls: WebhookCallRepository,
    private readonly service: WebhookCallService,
  ) {}

  @Get('calls')
  @Access('viewer')
  @ApiOperation({ summary: 'Webhook calls, newest first' })
  @ApiOkResponse({ standardSchema: WEBHOOK_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: WEBHOOK_QUERY }) query: WebhookQuery) {
    const filter = { state: query.state ?? null, origin: query.origin ?? null };
    const page = { before: fromCursor(query.cursor), limit: query.limit + 1 };
    const rows = await this.calls.list(project.id, filter, page);
    return toPage(rows, query.limit, { toKey: ({ id }) => id, toItem: toCallView });
  }

  @Get('signing-key')
  @Access('admin')
  @ApiOperation({ summary: 'The key by which a receiver checks the signature of a call' })
  @ApiOkResponse({ standardSchema: SIGNING_KEY })
  signingKey(@Project() project: RequestProject) {
    return { key: this.service.signingKey(project.id) };
  }
}

function toCallView(row: WebhookCallRow) {
  return {
    ...row,
    userId: formatUserId(Number(row.userId)),
    nextAttemptAt: row.state === 'queued' ? toIso(row.nextAttemptAt) : null,
    createdAt: toIso(row.createdAt),
    finishedAt: toIso(row.finishedAt),
  };
}
