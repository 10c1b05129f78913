import { Body, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { ProjectId } from '../../kernel/ids.js';
import { Clock } from '../../platform/clock/clock.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { SegmentLimitRepository } from '../data/segment-limit.repository.js';
import { ForecastService } from '../forecast.service.js';
import { LIMITS, SET_LIMITS, type SetLimits } from './forecast.schema.js';

@ProjectController('segment-limits', 'Segments')
export class SegmentLimitController {
  constructor(
    private readonly clock: Clock,
    private readonly limits: SegmentLimitRepository,
    private readonly forecasts: ForecastService,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'What one run of a segment may take, and whose limit that is' })
  @ApiOkResponse({ standardSchema: LIMITS })
  get(@Project() project: RequestProject) {
    return this.show(project.id);
  }

  @Put()
  @Access('admin', { installation: true })
  @ApiOperation({ summary: 'Set the limits of a project; the lower one of project and installation holds' })
  @ApiOkResponse({ standardSchema: LIMITS })
  async set(@Project() project: RequestProject, @Body({ schema: SET_LIMITS }) body: SetLimits) {
    await this.limits.save(project.id, body, this.clock.now());
    return this.show(project.id);
  }

  private async show(projectId: ProjectId) {
    const [limits, project] = await Promise.all([
      this.forecasts.limitsOf(projectId),
      this.limits.find(projectId),
    ]);
    return { ...limits, project, installation: this.forecasts.installationLimits() };
  }
}
