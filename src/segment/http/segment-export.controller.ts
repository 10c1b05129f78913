import { Body, Get, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { EXPORT_FORMATS } from '../data/member-store.js';
import type { SegmentExport } from '../data/segment-export.repository.js';
import { SegmentExportTables } from '../data/segment-export-tables.js';
import { SegmentExportService } from '../segment-export.service.js';
import { EXPORT, EXPORT_PAGE, START_EXPORT, type StartExport } from './segment-export.schema.js';

@ProjectController('', 'Segments')
export class SegmentExportController {
  constructor(
    private readonly exports: SegmentExportService,
    private readonly tables: SegmentExportTables,
  ) {}

  @Post('segments/:segmentId/runs/:runId/exports')
  @HttpCode(202)
  @Access('marketer')
  @ApiOperation({ summary: 'Write the users of a finished run into a file; the answer does not wait for it' })
  @ApiAcceptedResponse({ standardSchema: EXPORT })
  async start(
    @Project() project: RequestProject,
    @Param('segmentId') segmentId: string,
    @Param('runId') runId: string,
    @Body({ schema: START_EXPORT }) body: StartExport,
  ) {
    return toExport(await this.exports.start(project.id, { segmentId, runId }, body));
  }

  @Get('exports')
  @Access('viewer')
  @ApiOperation({ summary: 'Exports of a project, newest first' })
  @ApiOkResponse({ standardSchema: EXPORT_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: PAGE_QUERY }) page: PageQuery) {
    const rows = await this.tables.exports.list(project.id, fromCursor(page.cursor), page.limit + 1);
    return toPage(rows, page.limit, { toKey: ({ id }) => id, toItem: toExport });
  }

  @Get('exports/:exportId')
  @Access('viewer')
  @ApiOperation({ summary: 'One export: how far it is, and the checksum of its file' })
  @ApiOkResponse({ standardSchema: EXPORT })
  async get(@Project() project: RequestProject, @Param('exportId') exportId: string) {
    return toExport(await this.exports.get(project.id, exportId));
  }

  @Post('exports/:exportId/cancel')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({ summary: 'Cancel an export that waits or is under way' })
  @ApiOkResponse({ standardSchema: EXPORT })
  async cancel(@Project() project: RequestProject, @Param('exportId') exportId: string) {
    return toExport(await this.exports.cancel(project.id, exportId));
  }

  @Get('exports/:exportId/download')
  @Access('viewer')
  @ApiOperation({ summary: 'The file of an export' })
  @ApiProduces(...Object.values(EXPORT_FORMATS).map(({ mediaType }) => mediaType))
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async download(@Project() project: RequestProject, @Param('exportId') exportId: string) {
    const { file, bytes } = await this.exports.open(project.id, exportId);
    return new StreamableFile(bytes, {
      type: EXPORT_FORMATS[file.format].mediaType,
      disposition: `attachment; filename="${file.id}.${file.format}"`,
      length: file.sizeBytes,
    });
  }
}

function toExport(file: SegmentExport) {
  return {
    id: file.id,
    segmentId: file.segmentId,
    runId: file.runId,
    format: file.format,
    which: file.which,
    columns: file.columns,
    state: file.state,
    rowsWritten: file.rowsWritten,
    rowsTotal: file.rowsTotal,
    sizeBytes: file.sizeBytes,
    sha256: file.sha256,
    attempts: file.attempts,
    queuedAt: file.queuedAt.toISOString(),
    startedAt: file.startedAt?.toISOString() ?? null,
    finishedAt: file.finishedAt?.toISOString() ?? null,
    expiresAt: file.expiresAt?.toISOString() ?? null,
    error: file.error,
  };
}
