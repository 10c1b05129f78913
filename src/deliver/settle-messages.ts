import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/db/database.js';
import { log } from '../platform/log/log.js';
import type { Settlement } from './core/decide-settlement.js';
import { countMessages } from './count-messages.js';
import { MessageRepository, type ReservedMessage, type StateChange } from './data/message.repository.js';
import { MessageJobs } from './message-jobs.js';

/** Waits between tries to write what is known: losing it would leave messages `unknown` for no reason. */
const WAITS_MS = [200, 1_000, 5_000];

export interface Settled {
  message: ReservedMessage;
  settlement: Settlement;
}

/** Writes what became of reserved messages, and queues again those that may be tried again. */
@Injectable()
export class MessageSettlements {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly messages: MessageRepository,
    private readonly jobs: MessageJobs,
  ) {}

  /** @returns ids of the messages that reached their end */
  async settle(settled: readonly Settled[]): Promise<string[]> {
    const now = this.clock.now();
    const changes = settled.map(({ message, settlement }) => toChange(message, settlement, now));
    const changed = await this.write(changes, now);
    countMessages(changed);
    const dueById = new Map(changes.map(({ id, dueAt }) => [id, dueAt]));
    const projectById = new Map(settled.map(({ message }) => [message.id, message.projectId]));
    await this.jobs.addDue(
      changed
        .filter(({ state }) => state === 'queued')
        .map(({ id }) => ({ id, projectId: projectById.get(id) ?? 0, dueAt: dueById.get(id) ?? now })),
    );
    return changed.filter(({ state }) => state !== 'queued').map(({ id }) => id);
  }

  private async write(changes: readonly StateChange[], now: number) {
    for (const waitMs of WAITS_MS) {
      try {
        return await this.messages.settle(this.db, changes, now);
      } catch (error) {
        log.warn({ err: error, count: changes.length }, 'settling messages failed and is tried again');
        await sleep(waitMs);
      }
    }
    return this.messages.settle(this.db, changes, now);
  }
}

function toChange(message: ReservedMessage, settlement: Settlement, now: number): StateChange {
  const base = {
    id: message.id,
    leaseUntil: message.leaseUntil,
    reason: settlement.kind === 'accepted' ? null : settlement.reason,
    detail: settlement.kind === 'accepted' ? null : settlement.detail,
    isPermanent: settlement.kind === 'rejected' ? settlement.permanent : null,
    providerMessageId: settlement.kind === 'accepted' ? settlement.providerMessageId : null,
    dueAt: null,
    countsAsAttempt: true,
  };
  switch (settlement.kind) {
    case 'queued':
    case 'released':
      return {
        ...base,
        state: 'queued',
        dueAt: now + settlement.afterMs,
        countsAsAttempt: settlement.kind === 'queued',
      };
    case 'accepted':
    case 'rejected':
    case 'failed':
    case 'unknown':
    case 'held':
      return { ...base, state: settlement.kind };
  }
}
