import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Config, ConfigError } from '../platform/config/config.js';
import { CHANNELS } from './channels/index.js';
import { Channels } from './contract.js';
import { assertChannels, type ChannelDefinition } from './core/channel.js';
import { MessageUpkeepRepository } from './data/message-upkeep.repository.js';

/** The registered channels. */
@Injectable()
export class ChannelCatalogue extends Channels implements OnModuleInit {
  private readonly byName = new Map<string, ChannelDefinition>();

  constructor(
    private readonly messages: MessageUpkeepRepository,
    private readonly config: Config,
  ) {
    super();
    assertChannels(CHANNELS);
    for (const channel of CHANNELS) this.byName.set(channel.name, channel);
  }

  /** @throws ConfigError where stored messages or settings need a channel that this version has not */
  async onModuleInit(): Promise<void> {
    if (!this.config.hasRole('worker')) return;
    const unknown = await this.messages.findUnknownChannel(this.names());
    if (unknown !== null) {
      throw new ConfigError(
        `The database has messages or settings of the channel "${unknown}", which this version does not have: ` +
          'start the version that has it, or register the channel.',
      );
    }
  }

  names(): readonly string[] {
    return [...this.byName.keys()];
  }

  all(): readonly ChannelDefinition[] {
    return [...this.byName.values()];
  }

  find(name: string): ChannelDefinition | null {
    return this.byName.get(name) ?? null;
  }

  addressProperty(channel: string): string {
    return this.get(channel).addressProperty;
  }

  /** The address as the channel writes it; null where it is not one, or where there is no such channel. */
  validAddress(channel: string, address: string | null): string | null {
    return this.find(channel)?.address.safeParse(address).data ?? null;
  }

  private get(name: string): ChannelDefinition {
    const channel = this.find(name);
    if (!channel) throw new Error(`There is no channel ${name}; there are ${this.names().join(', ')}.`);
    return channel;
  }
}
