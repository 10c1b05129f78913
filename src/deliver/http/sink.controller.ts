import { Delete, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { notFound } from '../../platform/http-server/problem.js';
import { SinkRepository, type SinkRow } from '../data/sink.repository.js';
import { toIso } from '../data/to-records.js';
import { FULL_SINK_MAIL, SINK_DELETED, SINK_PAGE, SINK_QUERY, type SinkQuery } from './sink.schema.js';

/** What the development mail sink took for a project. */
@ProjectController('sink/messages', 'Development mail sink')
export class SinkController {
  constructor(private readonly mails: SinkRepository) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Mails that the development sink kept, newest first' })
  @ApiOkResponse({ standardSchema: SINK_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: SINK_QUERY }) query: SinkQuery) {
    const page = { before: fromCursor(query.cursor), limit: query.limit + 1 };
    const rows = await this.mails.list(project.id, query.to ?? null, page);
    return toPage(rows, query.limit, { toKey: ({ id }) => id, toItem: toMailView });
  }

  @Get(':mailId')
  @Access('viewer')
  @ApiOperation({ summary: 'One mail with its content and headers' })
  @ApiOkResponse({ standardSchema: FULL_SINK_MAIL })
  async get(@Project() project: RequestProject, @Param('mailId') mailId: string) {
    const row = await this.mails.find(project.id, mailId);
    if (!row) throw notFound('mail in the sink', mailId);
    return {
      ...toMailView(row),
      html: row.html,
      text: row.text,
      headers: row.headers.map(([name, value]) => ({ name, value })),
      raw: row.raw.toString('utf8'),
    };
  }

  @Delete()
  @Access('marketer')
  @ApiOperation({ summary: 'Delete every mail of the project from the sink' })
  @ApiOkResponse({ standardSchema: SINK_DELETED })
  async deleteAll(@Project() project: RequestProject) {
    return { deleted: await this.mails.deleteAll(project.id) };
  }
}

function toMailView(row: SinkRow) {
  return {
    id: row.id,
    messageId: row.messageId,
    from: row.sender,
    to: row.recipients,
    subject: row.subject,
    receivedAt: toIso(row.receivedAt),
  };
}
