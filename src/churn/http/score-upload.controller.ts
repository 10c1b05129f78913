import { Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation } from '@nestjs/swagger';
import { Clock } from '../../platform/clock/clock.js';
import { Config } from '../../platform/config/config.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { ROWS, TakesFile, type Upload, UploadBody } from '../../platform/http-server/upload.js';
import { ChurnService } from '../churn.service.js';
import { ScoreUploadService } from '../score-upload.service.js';
import { RUN_DETAIL, SEND_SCORES, type SendScores } from './churn.schema.js';
import { toRunDetail } from './to-answer.js';

@ProjectController('churn-models/:modelId/scores', 'Churn')
export class ScoreUploadController {
  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly churn: ChurnService,
    private readonly uploads: ScoreUploadService,
  ) {}

  @Post()
  @Access('marketer')
  @TakesFile(ROWS)
  @ApiOperation({ summary: 'Send scores that were computed elsewhere; they make a finished run' })
  @ApiCreatedResponse({ standardSchema: RUN_DETAIL })
  async send(
    @Project() project: RequestProject,
    @Param('modelId') modelId: string,
    @Query({ schema: SEND_SCORES }) query: SendScores,
    @UploadBody() file: Upload,
  ) {
    const model = await this.churn.get(project.id, modelId);
    const asOf = new Date(query.asOf ?? this.clock.now());
    await this.uploads.assertTakesScores(model, asOf);
    const run = await this.uploads.take(model, asOf, {
      format: file.type === 'text/csv' ? 'csv' : 'jsonl',
      bytes: file.bytes(),
      maxBytes: this.config.get('CHURN_SCORES_FILE_BYTES'),
    });
    return toRunDetail(run);
  }
}
