import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { WebhookCallRepository } from './data/webhook-call.repository.js';
import { WebhookCallService } from './webhook-calls.js';

/** How long a due call may wait for its job before the job counts as lost. */
const LOST_AFTER_MS = 30_000;
const BATCH_ROWS = 5_000;

/** Finds webhook calls whose job was lost. */
@Injectable()
export class WebhookSweep {
  constructor(
    private readonly calls: WebhookCallRepository,
    private readonly service: WebhookCallService,
    private readonly clock: Clock,
  ) {}

  async requeueLost(): Promise<void> {
    const now = this.clock.now();
    const lost = await this.calls.takeLost({ now, staleBefore: now - LOST_AFTER_MS }, BATCH_ROWS);
    await this.service.addJobs(lost);
  }
}
