import { Get, HttpCode, HttpStatus, Param, Put, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Clock } from '../../platform/clock/clock.js';
import { Config } from '../../platform/config/config.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { invalidField } from '../../platform/http-server/problem.js';
import { BYTES, TakesFile, type Upload, UploadBody } from '../../platform/http-server/upload.js';
import { ChurnService } from '../churn.service.js';
import { ChurnTables } from '../data/churn-tables.js';
import { ModelFileService } from '../model-file.service.js';
import { MODEL_FILE, MODEL_FILE_PAGE, SEND_FILE, type SendFile } from './model-file.schema.js';
import { toModelFile } from './to-answer.js';

@ProjectController('churn-models/:modelId', 'Churn')
export class ModelFileController {
  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly churn: ChurnService,
    private readonly files: ModelFileService,
    private readonly tables: ChurnTables,
  ) {}

  @Put('file')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({
    summary:
      'Send the ONNX file of a churn model; a worker tries it out before it is taken (202: it still does)',
  })
  @TakesFile(BYTES)
  @ApiOkResponse({ standardSchema: MODEL_FILE })
  async send(
    @Project() project: RequestProject,
    @Param('modelId') modelId: string,
    @Query({ schema: SEND_FILE }) query: SendFile,
    @UploadBody() body: Upload,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const model = await this.churn.get(project.id, modelId);
    this.files.assertTakesFile(model);
    const trainedUntil = query.trainedUntil === undefined ? null : new Date(query.trainedUntil);
    if (trainedUntil !== null && trainedUntil.getTime() > this.clock.now())
      throw invalidField('?trainedUntil', 'in_the_future', 'trainedUntil must not be later than now.');
    const bytes = await body.read(this.config.get('CHURN_MODEL_FILE_BYTES'));
    const file = await this.files.take(model, bytes, trainedUntil);
    if (file.state === 'checking') void reply.status(HttpStatus.ACCEPTED);
    return toModelFile(file);
  }

  @Get('files')
  @Access('viewer')
  @ApiOperation({ summary: 'Files of a churn model, newest first; the newest that is ready scores' })
  @ApiOkResponse({ standardSchema: MODEL_FILE_PAGE })
  async list(
    @Project() project: RequestProject,
    @Param('modelId') modelId: string,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    await this.churn.get(project.id, modelId);
    const rows = await this.tables.files.list(modelId, fromCursor(page.cursor), page.limit + 1);
    return toPage(rows, page.limit, { toKey: ({ id }) => id, toItem: toModelFile });
  }
}
