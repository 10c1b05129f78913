import { Injectable } from '@nestjs/common';
import { EffectSink, type RecordEvent } from '../kernel/effects.js';
import { SYSTEM_EVENTS } from '../kernel/event.js';
import { NO_USER } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { log } from '../platform/log/log.js';
import { MessageUpkeepRepository, type UnannouncedMessage } from './data/message-upkeep.repository.js';

/** Puts `$MessageSent` and `$MessageHeld` on the timelines of users; what is missed, the sweep brings. */
@Injectable()
export class MessageAnnouncer {
  constructor(
    private readonly messages: MessageUpkeepRepository,
    private readonly effects: EffectSink,
    private readonly clock: Clock,
  ) {}

  /** Never throws: the messages are settled whether or not their events can be recorded now. */
  async announce(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    try {
      await this.record(await this.messages.findUnannounced(ids));
    } catch (error) {
      log.warn({ err: error, count: ids.length }, 'message events were not recorded and will be later');
    }
  }

  async announceBefore(before: number, limit: number): Promise<number> {
    const missed = await this.messages.findUnannouncedBefore(before, limit);
    await this.record(missed);
    return missed.length;
  }

  private async record(messages: readonly UnannouncedMessage[]): Promise<void> {
    if (messages.length === 0) return;
    // A message to an address of nobody known has no timeline.
    await this.effects.dispatch(messages.filter(({ userId }) => userId !== NO_USER).map(toEvent));
    await this.messages.markAnnounced(
      messages.map(({ id }) => id),
      this.clock.now(),
    );
  }
}

function toEvent(message: UnannouncedMessage): RecordEvent {
  const { id, campaignId, templateId, channel, origin, state, reason } = message;
  return {
    kind: 'record_event',
    projectId: message.projectId,
    userId: message.userId,
    event: state === 'held' ? SYSTEM_EVENTS.messageHeld : SYSTEM_EVENTS.messageSent,
    time: message.settledAt.getTime(),
    dedupeKey: `${id} ${state}`,
    properties: {
      message_id: id,
      template_id: templateId,
      channel,
      origin,
      ...(campaignId === null ? {} : { campaign_id: campaignId }),
      ...(state === 'held' ? { reason } : {}),
    },
  };
}
