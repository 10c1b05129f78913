import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { JobQueue } from '../platform/queue/job.js';
import { leftToSweeps } from '../platform/queue/left-to-sweeps.js';
import { type DueMessage, groupDue } from './core/group-due.js';
import { ANNOUNCE_MESSAGES } from './jobs/announce-messages.job.js';
import { SEND_MESSAGES } from './jobs/send-messages.job.js';

const ANNOUNCED_AT_ONCE = 500;

/** Puts messages into the queue; their rows are the truth, and the sweeps find what a queue lost. */
@Injectable()
export class MessageJobs {
  constructor(
    private readonly queue: JobQueue,
    private readonly clock: Clock,
  ) {}

  async addDue(messages: readonly DueMessage[]): Promise<void> {
    const groups = groupDue(messages, this.clock.now());
    await leftToSweeps(
      this.queue.addMany(
        SEND_MESSAGES,
        groups.map(({ projectId, messageIds, delayMs }) => ({
          payload: { projectId, messageIds },
          options: { delayMs },
        })),
      ),
    );
  }

  async addAnnouncements(messageIds: readonly string[]): Promise<void> {
    const entries = [];
    for (let from = 0; from < messageIds.length; from += ANNOUNCED_AT_ONCE) {
      entries.push({ payload: { messageIds: messageIds.slice(from, from + ANNOUNCED_AT_ONCE) } });
    }
    await leftToSweeps(this.queue.addMany(ANNOUNCE_MESSAGES, entries));
  }
}
