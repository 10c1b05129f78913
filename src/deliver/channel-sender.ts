import { createHash } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Slots } from '../kernel/slots.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { log } from '../platform/log/log.js';
import { ChannelCatalogue } from './channel-catalogue.js';
import { ChannelSettings } from './channel-settings.js';
import type { RenderedContent } from './contract.js';
import type { ChannelDefinition, SendResult } from './core/channel.js';
import { KeptThings } from './core/kept-things.js';
import type { ReservedMessage } from './data/message.repository.js';

/** How long a channel may take to say what it knows after its time is over. */
const GRACE_MS = 2_000;
/** Wait before a message of a channel without settings is tried again. */
const UNCONFIGURED_WAIT_MS = 600_000;

/** `not_started`: the lease would have ended before the channel's time, so nothing was called. */
export type ChannelAnswer = SendResult | { kind: 'not_started' };

/** Calls channels: a bounded number of messages at once, each within its time. */
@Injectable()
export class ChannelSender implements OnModuleDestroy {
  private readonly kept = new KeptThings();
  private readonly slots = new Map<string, Slots>();

  constructor(
    private readonly catalogue: ChannelCatalogue,
    private readonly settings: ChannelSettings,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  onModuleDestroy(): void {
    this.kept.closeAll();
  }

  /** Never throws for what a channel or its provider does. */
  async send(message: ReservedMessage, content: RenderedContent): Promise<ChannelAnswer> {
    const channel = this.catalogue.find(message.channel);
    const settings = channel ? await this.findSettings(message, channel) : null;
    if (!channel || !settings) {
      const detail = `The channel ${message.channel} has no usable settings in this project.`;
      return { kind: 'retry', reason: 'not_configured', afterMs: UNCONFIGURED_WAIT_MS, detail };
    }
    return this.slotsOf(channel).run<ChannelAnswer>(() => {
      const endsAt = this.clock.now() + this.timeoutMs + GRACE_MS;
      if (endsAt > message.leaseUntil) return Promise.resolve({ kind: 'not_started' });
      return this.call(channel, settings, { message, content });
    });
  }

  private async findSettings(message: ReservedMessage, channel: ChannelDefinition): Promise<object | null> {
    try {
      return (await this.settings.of(message.projectId, channel)).settings;
    } catch (error) {
      log.error({ err: error, channel: channel.name }, 'the settings of a channel cannot be read');
      return null;
    }
  }

  private async call(
    channel: ChannelDefinition,
    settings: object,
    { message, content }: { message: ReservedMessage; content: RenderedContent },
  ): Promise<SendResult> {
    const key = `${channel.name} ${createHash('sha256').update(JSON.stringify(settings)).digest('hex')}`;
    const signal = AbortSignal.timeout(this.timeoutMs);
    const sending = channel.send({ id: message.id, address: message.address, content, signal }, settings, {
      timeoutMs: this.timeoutMs,
      concurrency: channel.concurrency,
      keep: (make) => this.kept.keep(key, make),
      log: (fields, text) => log.info({ channel: channel.name, ...fields }, text),
    });
    try {
      return await withinTime(sending, this.timeoutMs + GRACE_MS);
    } catch (error) {
      // A channel must not throw. Since it did, nobody knows how far it came.
      log.error({ err: error, channel: channel.name, messageId: message.id }, 'a channel threw');
      return { kind: 'unknown', reason: 'channel_failed', detail: 'The channel failed: see the log.' };
    }
  }

  private slotsOf(channel: ChannelDefinition): Slots {
    let slots = this.slots.get(channel.name);
    if (!slots) {
      slots = new Slots(channel.concurrency);
      this.slots.set(channel.name, slots);
    }
    return slots;
  }

  private get timeoutMs(): number {
    return this.config.get('DELIVER_TIMEOUT_MS');
  }
}

async function withinTime(sending: Promise<SendResult>, limitMs: number): Promise<SendResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<SendResult>((resolve) => {
    const detail = `The channel gave no answer within ${limitMs} ms.`;
    timer = setTimeout(() => resolve({ kind: 'unknown', reason: 'timeout', detail }), limitMs);
  });
  try {
    return await Promise.race([sending, late]);
  } finally {
    clearTimeout(timer);
  }
}
