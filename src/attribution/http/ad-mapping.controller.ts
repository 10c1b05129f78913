import { Body, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Clock } from '../../platform/clock/clock.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { DEFAULT_AD_EVENT_MAPPING } from '../core/ad-event.js';
import { AdSettingRepository } from '../data/ad-setting.repository.js';
import { EVENT_MAPPING, type EventMapping } from './attribution.schema.js';

@ProjectController('ad-event-mapping', 'Ad networks')
export class AdMappingController {
  constructor(
    private readonly settings: AdSettingRepository,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Which events count as sign-up and payment' })
  @ApiOkResponse({ standardSchema: EVENT_MAPPING })
  async get(@Project() project: RequestProject) {
    return (await this.settings.eventMappings([project.id])).get(project.id) ?? DEFAULT_AD_EVENT_MAPPING;
  }

  @Put()
  @Access('marketer')
  @ApiOperation({ summary: 'Say which events count as sign-up and payment, from now on' })
  @ApiOkResponse({ standardSchema: EVENT_MAPPING })
  async replace(@Project() project: RequestProject, @Body({ schema: EVENT_MAPPING }) body: EventMapping) {
    await this.settings.saveEventMapping(project.id, body, this.clock.now());
    return body;
  }
}
