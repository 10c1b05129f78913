import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { Secrets } from '../platform/secrets/secrets.js';
import type { ChannelDefinition } from './core/channel.js';
import { ChannelSettingRepository } from './data/channel-setting.repository.js';
import { DevelopmentSink } from './sink/development-sink.js';

const PURPOSE = 'channel-setting';

export interface EffectiveSettings {
  /** Null where the channel has none and the project gave none. */
  settings: object | null;
  source: 'project' | 'installation';
  updatedAt: Date | null;
}

/** The settings of a channel in a project: its own, or those of the installation. */
@Injectable()
export class ChannelSettings {
  constructor(
    private readonly repository: ChannelSettingRepository,
    private readonly secrets: Secrets,
    private readonly config: Config,
    private readonly sink: DevelopmentSink,
    private readonly clock: Clock,
  ) {}

  async of(projectId: ProjectId, channel: ChannelDefinition): Promise<EffectiveSettings> {
    const own = await this.repository.find(projectId, channel.name);
    if (!own) return { settings: this.defaults(channel), source: 'installation', updatedAt: null };
    const plain: unknown = JSON.parse(this.secrets.decrypt(PURPOSE, own.settings));
    return { settings: channel.settings.parse(plain), source: 'project', updatedAt: own.updatedAt };
  }

  async save(projectId: ProjectId, channel: ChannelDefinition, settings: object): Promise<void> {
    const sealed = this.secrets.encrypt(PURPOSE, JSON.stringify(settings));
    await this.repository.save({ projectId, channel: channel.name, settings: sealed }, this.clock.now());
  }

  remove(projectId: ProjectId, channel: ChannelDefinition): Promise<boolean> {
    return this.repository.remove(projectId, channel.name);
  }

  private defaults(channel: ChannelDefinition): object | null {
    return channel.defaults({
      smtpUrl: this.config.get('SMTP_URL') ?? this.sink.url,
      smtpFrom: this.config.get('SMTP_FROM'),
    });
  }
}
