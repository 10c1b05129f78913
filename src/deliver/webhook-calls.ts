import { Injectable } from '@nestjs/common';
import type { CallWebhook } from '../kernel/effects.js';
import type { ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { JobQueue } from '../platform/queue/job.js';
import { leftToSweeps } from '../platform/queue/left-to-sweeps.js';
import { Secrets } from '../platform/secrets/secrets.js';
import { WebhookCalls } from './contract.js';
import { WebhookCallRepository } from './data/webhook-call.repository.js';
import { CALL_WEBHOOK } from './jobs/call-webhook.job.js';

/** Keeps webhook calls and queues them; `WebhookCaller` makes the requests. */
@Injectable()
export class WebhookCallService extends WebhookCalls {
  constructor(
    private readonly calls: WebhookCallRepository,
    private readonly queue: JobQueue,
    private readonly clock: Clock,
    private readonly secrets: Secrets,
  ) {
    super();
  }

  async enqueue(calls: readonly CallWebhook[]): Promise<void> {
    if (calls.length === 0) return;
    await this.addJobs(await this.calls.insert(calls, this.clock.now()));
  }

  async addJobs(ids: readonly string[], delayMs = 0): Promise<void> {
    const entries = ids.map((callId) => ({ payload: { callId }, options: { delayMs } }));
    await leftToSweeps(this.queue.addMany(CALL_WEBHOOK, entries));
  }

  /** The key of a project under which its calls are signed; the receiver checks with the same. */
  signingKey(projectId: ProjectId): string {
    return this.secrets.sign('webhook', `project ${projectId}`);
  }
}
