import { Body, Delete, Get, HttpCode, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Clock } from '../../platform/clock/clock.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { RemoteConfigRepository } from '../data/remote-config.repository.js';
import { RemoteConfigs } from '../remote-configs.js';
import { REMOTE_CONFIG, type RemoteConfigBody, SHOWN_REMOTE_CONFIG } from './remote-config.schema.js';

@ProjectController('remote-config', 'Remote configuration')
export class RemoteConfigController {
  constructor(
    private readonly repository: RemoteConfigRepository,
    private readonly configs: RemoteConfigs,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'What the mobile SDKs of the project are told' })
  @ApiOkResponse({ standardSchema: SHOWN_REMOTE_CONFIG })
  get(@Project() project: RequestProject) {
    return this.show(project);
  }

  @Put()
  @Access('admin')
  @ApiOperation({
    summary: 'Tell the mobile SDKs of the project something else; it replaces what was before',
  })
  @ApiOkResponse({ standardSchema: SHOWN_REMOTE_CONFIG })
  async save(@Project() project: RequestProject, @Body({ schema: REMOTE_CONFIG }) body: RemoteConfigBody) {
    await this.repository.save(project.id, body, new Date(this.clock.now()));
    this.configs.forget(project.id);
    return this.show(project);
  }

  @Delete()
  @HttpCode(204)
  @Access('admin')
  @ApiOperation({ summary: 'Tell the SDKs nothing any more; they keep what they were told' })
  @ApiNoContentResponse()
  async remove(@Project() project: RequestProject) {
    if (!(await this.repository.remove(project.id))) throw nothingSet();
    this.configs.forget(project.id);
  }

  private async show({ id }: RequestProject) {
    const [config, document] = await Promise.all([this.repository.find(id), this.configs.getDocument(id)]);
    if (!config || !document) throw nothingSet();
    return { ...config, v: document.v, updatedAt: config.updatedAt.toISOString() };
  }
}

function nothingSet(): Problem {
  return new Problem(PROBLEMS.notFound, 'The project has no remote configuration.');
}
