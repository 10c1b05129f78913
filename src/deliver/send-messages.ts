import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { log } from '../platform/log/log.js';
import { MessageAnnouncer } from './announce-messages.js';
import { ChannelSender } from './channel-sender.js';
import { MessageRenderer, type RenderResult } from './contract.js';
import { decideSettlement, type Settlement } from './core/decide-settlement.js';
import type { ReservedMessage } from './data/message.repository.js';
import { MessageReservations } from './reserve-messages.js';
import { MessageSettlements } from './settle-messages.js';

/** Messages that are sent at once and settled together: what a crash can leave `unknown` per job. */
const SLICE = 10;
/** Wait of a message whose turn did not come within its worker's lease. */
const RELEASE_WAIT_MS = 1_000;

/** Sends queued messages, in four steps: reserve, render, hand to the channel, settle. */
@Injectable()
export class MessageSender {
  constructor(
    private readonly reservations: MessageReservations,
    private readonly renderer: MessageRenderer,
    private readonly channels: ChannelSender,
    private readonly settlements: MessageSettlements,
    private readonly announcer: MessageAnnouncer,
  ) {}

  /** Running it again with the same messages sends none of them twice. */
  async send(batch: { projectId: ProjectId; messageIds: readonly string[] }): Promise<void> {
    const { messages, heldIds } = await this.reservations.reserve(batch.projectId, batch.messageIds);
    const ended = [...heldIds];
    const rendered = await this.render(messages);
    for (let from = 0; from < messages.length; from += SLICE) {
      const slice = messages.slice(from, from + SLICE);
      const settled = await Promise.all(
        slice.map(async (message) => ({
          message,
          settlement: await this.handOver(message, rendered.get(message.id)),
        })),
      );
      ended.push(...(await this.settlements.settle(settled)));
    }
    await this.announcer.announce(ended);
  }

  private async handOver(message: ReservedMessage, rendered: RenderResult | undefined): Promise<Settlement> {
    if (!rendered) {
      const detail = 'The message could not be rendered: see the log.';
      return decideSettlement(
        { kind: 'retry', reason: 'render_failed', afterMs: 0, detail },
        message.attempts,
      );
    }
    if (rendered.kind === 'held') return rendered;
    const answer = await this.channels.send(message, rendered.content);
    if (answer.kind === 'not_started') {
      const detail = 'Its turn did not come in time.';
      return { kind: 'released', reason: 'timeout', detail, afterMs: RELEASE_WAIT_MS };
    }
    return decideSettlement(answer, message.attempts);
  }

  /** A message that the renderer fails on is absent from the answer, and does not take the others with it. */
  private async render(messages: readonly ReservedMessage[]): Promise<Map<string, RenderResult>> {
    if (messages.length === 0) return new Map();
    try {
      return await this.renderer.render(messages);
    } catch (error) {
      log.error({ err: error, count: messages.length }, 'rendering a batch failed: one by one now');
    }
    const results = new Map<string, RenderResult>();
    for (const message of messages) {
      try {
        for (const [id, result] of await this.renderer.render([message])) results.set(id, result);
      } catch (error) {
        log.error({ err: error, messageId: message.id }, 'rendering a message failed');
      }
    }
    return results;
  }
}
