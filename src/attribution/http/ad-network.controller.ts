import { Body, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import type { JsonObject } from '../../kernel/json.js';
import { Clock } from '../../platform/clock/clock.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { invalidField, notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { CallbackDelivery } from '../callback-delivery.js';
import { type AdNetwork, HIDDEN, hideSecrets } from '../core/ad-network.js';
import { AdSettingRepository } from '../data/ad-setting.repository.js';
import { AD_NETWORKS, findAdNetwork } from '../networks/index.js';
import { AD_NETWORK, AD_NETWORK_LIST, NETWORK_SETTINGS, type NetworkSettings } from './attribution.schema.js';

@ProjectController('ad-networks', 'Ad networks')
export class AdNetworkController {
  constructor(
    private readonly settings: AdSettingRepository,
    private readonly delivery: CallbackDelivery,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Ad networks, the macros of their links, and the project’s settings' })
  @ApiOkResponse({ standardSchema: AD_NETWORK_LIST })
  async list(@Project() project: RequestProject) {
    const items = AD_NETWORKS.map(async (network) =>
      toNetwork(network, await this.settings.networkSettings(project.id, network.name)),
    );
    return { items: await Promise.all(items) };
  }

  @Get(':network')
  @Access('viewer')
  @ApiOperation({ summary: 'One ad network' })
  @ApiOkResponse({ standardSchema: AD_NETWORK })
  async get(@Project() project: RequestProject, @Param('network') name: string) {
    const network = getNetwork(name);
    return toNetwork(network, await this.settings.networkSettings(project.id, network.name));
  }

  @Put(':network/settings')
  @Access('admin')
  @ApiOperation({
    summary: 'Replace the settings of a network',
    description: 'A field that is left out gets its default; a secret sent as `********` stays as it is.',
  })
  @ApiOkResponse({ standardSchema: AD_NETWORK })
  async replace(
    @Project() project: RequestProject,
    @Param('network') name: string,
    @Body({ schema: NETWORK_SETTINGS }) body: NetworkSettings,
  ) {
    const network = getNetwork(name);
    const kept = await this.settings.networkSettings(project.id, network.name);
    const settings = this.check(network, keepSecrets(network, body as JsonObject, kept));
    await this.settings.saveNetworkSettings(project.id, network.name, { settings, now: this.clock.now() });
    return toNetwork(network, settings);
  }

  private check(network: AdNetwork, settings: JsonObject): JsonObject {
    const parsed = network.settings.safeParse(settings);
    if (!parsed.success) {
      const errors = parsed.error.issues.map((issue) => ({
        pointer: issue.path.map((part) => `/${String(part)}`).join(''),
        code: issue.code,
        detail: issue.message,
      }));
      throw new Problem(PROBLEMS.invalidRequest, 'These are no settings of this network.', errors);
    }
    for (const [field, url] of Object.entries(network.callbackUrls(parsed.data))) {
      const refusal = this.delivery.refuseUrl(network, url);
      if (refusal !== null) throw invalidField(`/${field}`, 'forbidden_host', refusal);
    }
    return parsed.data as JsonObject;
  }
}

function getNetwork(name: string): AdNetwork {
  const network = findAdNetwork(name);
  if (!network) throw notFound('ad network', name);
  return network;
}

function keepSecrets(network: AdNetwork, given: JsonObject, kept: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(given).map(([field, value]) => {
      const isKept = value === HIDDEN && network.secretSettings.includes(field);
      return [field, isKept ? (kept[field] ?? null) : value];
    }),
  );
}

function toNetwork(network: AdNetwork, settings: JsonObject) {
  const full = network.settings.parse(settings) as JsonObject;
  return {
    name: network.name,
    title: network.title,
    clickMacros: network.clickMacros.map((macro) => ({ ...macro, os: macro.os ?? null })),
    callbackHosts: [...network.callbackHosts],
    isRepeatSafe: network.isRepeatSafe,
    settingsSchema: z.toJSONSchema(network.settings, { io: 'input' }),
    settings: hideSecrets(network, full),
  };
}
