import { Body, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Config } from '../../platform/config/config.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { invalidField } from '../../platform/http-server/problem.js';
import { AccessService } from '../access.service.js';
import { COLLECT_RULES, type CollectRulesBody } from './access.schema.js';

@ProjectController('collect-rules', 'Projects and keys')
export class CollectRulesController {
  constructor(
    private readonly access: AccessService,
    private readonly config: Config,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Which pages may send events, how much at once, and how late' })
  @ApiOkResponse({ standardSchema: COLLECT_RULES })
  async get(@Project() project: RequestProject) {
    const rules = await this.access.collectRules(project.slug);
    return {
      allowedOrigins: [...(rules?.allowedOrigins ?? [])],
      bodyLimitBytes: rules?.bodyLimitBytes ?? null,
      lateDays: rules?.timeLimits.lateDays ?? null,
      futureMinutes: rules?.timeLimits.futureMinutes ?? null,
    };
  }

  @Put()
  @Access('admin')
  @ApiOperation({
    summary: 'Set which pages may send events, how much at once, and how late; known within five seconds',
  })
  @ApiOkResponse({ standardSchema: COLLECT_RULES })
  async set(@Project() project: RequestProject, @Body({ schema: COLLECT_RULES }) body: CollectRulesBody) {
    const limitBytes = this.config.get('COLLECT_BODY_LIMIT_BYTES');
    if (body.bodyLimitBytes !== null && body.bodyLimitBytes > limitBytes) {
      const detail = `The installation takes at most ${limitBytes} bytes (COLLECT_BODY_LIMIT_BYTES).`;
      throw invalidField('/bodyLimitBytes', 'too_big', detail);
    }
    const rules = { ...body, allowedOrigins: [...new Set(body.allowedOrigins)] };
    await this.access.setCollectRules(project.id, rules);
    return rules;
  }
}
