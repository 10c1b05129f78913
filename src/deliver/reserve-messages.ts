import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/db/database.js';
import { decideReservations } from './core/decide-reservation.js';
import { countMessages } from './count-messages.js';
import { BlocklistRepository } from './data/blocklist.repository.js';
import { MessageRepository, type ReservedMessage } from './data/message.repository.js';

/** How long a worker answers for messages that it reserved. It starts no send that could end later. */
export const LEASE_MS = 600_000;

export interface Reserved {
  messages: ReservedMessage[];
  heldIds: string[];
}

/** Takes queued messages for sending: the one moment that decides, under locks, whether each may go. */
@Injectable()
export class MessageReservations {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly messages: MessageRepository,
    private readonly blocklist: BlocklistRepository,
  ) {}

  /** Those of the messages that are queued and due become `sending` or `held`; the others are left alone. */
  async reserve(projectId: ProjectId, ids: readonly string[]): Promise<Reserved> {
    const now = this.clock.now();
    const { reserved, held } = await this.db.transaction(async (tx) => {
      const due = await this.messages.lockDue(tx, { projectId, ids, now });
      if (due.length === 0) return { reserved: [], held: [] };
      await this.messages.lockRecipients(tx, projectId, due);
      const decisions = decideReservations(due, {
        rules: await this.blocklist.findFor(projectId, due, tx),
        sentInWindow: await this.messages.countSentInWindow(tx, { projectId, messages: due, now }),
        now,
      });
      const toSend = decisions.filter(({ kind }) => kind === 'send').map(({ id }) => id);
      const toHold = decisions.filter((decision) => decision.kind === 'held');
      return {
        reserved: await this.messages.markSending(tx, toSend, { now, leaseUntil: now + LEASE_MS }),
        held: toHold.length > 0 ? await this.messages.markHeld(tx, toHold, now) : [],
      };
    });
    countMessages([...reserved.map((message) => ({ ...message, reason: null })), ...held]);
    return { messages: reserved, heldIds: held.map(({ id }) => id) };
  }
}
