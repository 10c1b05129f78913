import { Body, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { ProjectId } from '../../kernel/ids.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { ChannelCatalogue } from '../channel-catalogue.js';
import { ChannelSettings } from '../channel-settings.js';
import type { ChannelDefinition } from '../core/channel.js';
import { toIso } from '../data/to-records.js';
import { CHANNEL_LIST, CHANNEL_SETTINGS, SAVE_CHANNEL, type SaveChannel } from './channel.schema.js';

@ProjectController('channels', 'Channels')
export class ChannelController {
  constructor(
    private readonly catalogue: ChannelCatalogue,
    private readonly settings: ChannelSettings,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Channels and their settings in the project' })
  @ApiOkResponse({ standardSchema: CHANNEL_LIST })
  async list(@Project() project: RequestProject) {
    const channels = this.catalogue.all();
    return { items: await Promise.all(channels.map((channel) => this.view(project.id, channel))) };
  }

  @Get(':channel')
  @Access('viewer')
  @ApiOperation({ summary: 'One channel and its settings in the project' })
  @ApiOkResponse({ standardSchema: CHANNEL_SETTINGS })
  get(@Project() project: RequestProject, @Param('channel') name: string) {
    return this.view(project.id, this.find(name));
  }

  // A key of the installation: the settings name a server inside or outside that this service will connect to.
  @Put(':channel')
  @Access('admin', { installation: true })
  @ApiOperation({ summary: 'Give the project settings of its own; they replace those before entirely' })
  @ApiOkResponse({ standardSchema: CHANNEL_SETTINGS })
  async save(
    @Project() project: RequestProject,
    @Param('channel') name: string,
    @Body({ schema: SAVE_CHANNEL }) body: SaveChannel,
  ) {
    const channel = this.find(name);
    const parsed = channel.settings.safeParse(body);
    if (!parsed.success) {
      const errors = parsed.error.issues.map((issue) => ({
        pointer: `/${issue.path.map(String).join('/')}`,
        code: issue.code,
        detail: issue.message,
      }));
      throw new Problem(PROBLEMS.invalidRequest, `These are no settings of the channel ${name}.`, errors);
    }
    await this.settings.save(project.id, channel, parsed.data);
    return this.view(project.id, channel);
  }

  @Delete(':channel')
  @HttpCode(204)
  @Access('admin', { installation: true })
  @ApiOperation({ summary: 'Use the settings of the installation again' })
  @ApiNoContentResponse()
  async remove(@Project() project: RequestProject, @Param('channel') name: string): Promise<void> {
    const wasThere = await this.settings.remove(project.id, this.find(name));
    if (!wasThere) throw notFound('settings of the channel', name);
  }

  private find(name: string): ChannelDefinition {
    const channel = this.catalogue.find(name);
    if (!channel) throw notFound('channel', name);
    return channel;
  }

  private async view(projectId: ProjectId, channel: ChannelDefinition) {
    const { settings, source, updatedAt } = await this.settings.of(projectId, channel);
    const secrets: readonly string[] = channel.secretSettings;
    return {
      name: channel.name,
      title: channel.title,
      addressProperty: channel.addressProperty,
      source,
      settings:
        settings === null
          ? null
          : Object.fromEntries(Object.entries(settings).filter(([key]) => !secrets.includes(key))),
      updatedAt: toIso(updatedAt),
    };
  }
}
