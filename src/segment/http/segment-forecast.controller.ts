import { Body, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, ReadsOnly, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { ForecastService } from '../forecast.service.js';
import { FORECAST } from './forecast.schema.js';
import { PREVIEW_SEGMENT, type PreviewSegment } from './segment.schema.js';
import { toForecastAnswer } from './to-answer.js';

@ProjectController('segments/forecast', 'Segments')
export class SegmentForecastController {
  constructor(private readonly forecasts: ForecastService) {}

  @Post()
  @HttpCode(200)
  @Access('viewer')
  @ReadsOnly()
  @ApiOperation({ summary: 'What a run of a definition would read, without running it' })
  @ApiOkResponse({ standardSchema: FORECAST })
  async forecast(
    @Project() project: RequestProject,
    @Body({ schema: PREVIEW_SEGMENT }) body: PreviewSegment,
  ) {
    return toForecastAnswer(await this.forecasts.ofDefinition(project, body.definition));
  }
}
