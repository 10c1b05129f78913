import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { log } from '../platform/log/log.js';
import { MessageAnnouncer } from './announce-messages.js';
import { countMessages } from './count-messages.js';
import { MessageUpkeepRepository } from './data/message-upkeep.repository.js';
import { MessageJobs } from './message-jobs.js';

/** How long a due row may wait for its job before the job counts as lost. */
const LOST_AFTER_MS = 30_000;
const BATCH_ROWS = 5_000;

/** Finds messages whose job or worker was lost, and those not on a timeline yet. */
@Injectable()
export class MessageSweep {
  constructor(
    private readonly repository: MessageUpkeepRepository,
    private readonly jobs: MessageJobs,
    private readonly announcer: MessageAnnouncer,
    private readonly clock: Clock,
  ) {}

  async requeueLost(): Promise<void> {
    const now = this.clock.now();
    const lost = await this.repository.takeLost({ now, staleBefore: now - LOST_AFTER_MS }, BATCH_ROWS);
    await this.jobs.addDue(lost.map((message) => ({ ...message, dueAt: now })));
  }

  async endLeases(): Promise<void> {
    const ended = await this.repository.endLeases(this.clock.now(), BATCH_ROWS);
    countMessages(ended);
    if (ended.length > 0) log.warn({ count: ended.length }, 'messages became unknown: their worker ended');
  }

  async announceMissed(): Promise<void> {
    const before = this.clock.now() - LOST_AFTER_MS;
    while ((await this.announcer.announceBefore(before, BATCH_ROWS)) === BATCH_ROWS);
  }
}
