import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { HttpClient } from '../platform/http-client/http-client.js';
import { decideWebhook, type WebhookDecision } from './core/decide-webhook.js';
import { signWebhook } from './core/sign-webhook.js';
import { type CallOutcome, type ClaimedCall, WebhookCallRepository } from './data/webhook-call.repository.js';
import { WebhookCallService } from './webhook-calls.js';

/** How long a claimed call is nobody else's beyond its own timeout. */
const CLAIM_MARGIN_MS = 30_000;

/** Makes webhook calls: signed, and again until one succeeds or the call is given up. */
@Injectable()
export class WebhookCaller {
  constructor(
    private readonly calls: WebhookCallRepository,
    private readonly service: WebhookCallService,
    private readonly http: HttpClient,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Makes one request where the call is due, and does nothing where it is not. */
  async call(callId: string): Promise<void> {
    const startedAt = this.clock.now();
    const until = startedAt + this.timeoutMs + CLAIM_MARGIN_MS;
    const claimed = await this.calls.claim(callId, { now: startedAt, until });
    if (!claimed) return;
    const decision = decideWebhook(await this.request(claimed), claimed.attempts);
    const now = this.clock.now();
    await this.calls.finish(toOutcome(claimed, decision, now), now);
    if (decision.kind === 'retry') await this.service.addJobs([callId], decision.afterMs);
  }

  private request(call: ClaimedCall) {
    const body = JSON.stringify(call.body);
    const key = this.service.signingKey(call.projectId);
    return this.http.request({
      purpose: 'webhook',
      url: call.url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': call.id,
        'x-rekindle-signature': signWebhook(key, Math.floor(this.clock.now() / 1000), body),
      },
      body,
      timeoutMs: this.timeoutMs,
    });
  }

  private get timeoutMs(): number {
    return this.config.get('DELIVER_TIMEOUT_MS');
  }
}

function toOutcome(call: ClaimedCall, decision: WebhookDecision, now: number): CallOutcome {
  const base = { id: call.id, attempts: call.attempts, status: decision.status };
  if (decision.kind === 'done') {
    return { ...base, state: 'done', error: null, detail: null, nextAttemptAt: now };
  }
  const failure = { error: decision.reason, detail: decision.detail.slice(0, 500) };
  return decision.kind === 'retry'
    ? { ...base, ...failure, state: 'queued', nextAttemptAt: now + decision.afterMs }
    : { ...base, ...failure, state: 'failed', nextAttemptAt: now };
}
