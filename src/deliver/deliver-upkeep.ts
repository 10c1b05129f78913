import { Injectable } from '@nestjs/common';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { DeliverUpkeep } from './contract.js';
import { SinkRepository } from './data/sink.repository.js';
import { MessageSweep } from './message-sweep.js';
import { WebhookSweep } from './webhook-sweep.js';

/** Mails that the development sink keeps. */
const SINK_MAILS = 10_000;

/** Finds what queues lost and crashes left. Every task may run at any time, any number of times. */
@Injectable()
export class DeliverSweeps extends DeliverUpkeep {
  constructor(
    private readonly messages: MessageSweep,
    private readonly webhooks: WebhookSweep,
    private readonly sink: SinkRepository,
  ) {
    super();
  }

  tasks(): UpkeepTask[] {
    return [
      { name: 'deliver.lost-messages', everyMs: 10_000, run: () => this.messages.requeueLost() },
      { name: 'deliver.ended-leases', everyMs: 15_000, run: () => this.messages.endLeases() },
      { name: 'deliver.announcements', everyMs: 30_000, run: () => this.messages.announceMissed() },
      { name: 'deliver.lost-webhooks', everyMs: 10_000, run: () => this.webhooks.requeueLost() },
      { name: 'deliver.sink', everyMs: 60_000, run: async () => void (await this.sink.trim(SINK_MAILS)) },
    ];
  }
}
