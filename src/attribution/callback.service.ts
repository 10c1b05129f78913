import { Injectable } from '@nestjs/common';
import { EffectSink } from '../kernel/effects.js';
import { SYSTEM_EVENTS } from '../kernel/event.js';
import { Clock } from '../platform/clock/clock.js';
import { log } from '../platform/log/log.js';
import { metrics } from '../platform/metrics/metrics.js';
import { JobQueue } from '../platform/queue/job.js';
import { CallbackDelivery, type TryResult } from './callback-delivery.js';
import type { AdNetwork, CallbackRequest } from './core/ad-network.js';
import { settleCallback } from './core/settle-callback.js';
import { AdCallbackRepository, type ClaimedCallback } from './data/ad-callback.repository.js';
import { AdSettingRepository } from './data/ad-setting.repository.js';
import { CALLBACK_JOB, callbackJobId } from './jobs/callback.job.js';
import { AD_NETWORKS, findAdNetwork } from './networks/index.js';

/** Longer than a try can take, so that two processes never send the same callback at the same time. */
const LEASE_MS = 60_000;
/** A due callback without a job for this long has lost it. */
const GRACE_MS = 30_000;
const SWEEP_LIMIT = 500;
/** Headers that hold no secret and may be kept with a request. */
const PLAIN_HEADERS = new Set(['content-type', 'accept']);

/** Tells ad networks of conversions: each callback once, again after a failure that may pass. */
@Injectable()
export class CallbackService {
  constructor(
    private readonly repository: AdCallbackRepository,
    private readonly settings: AdSettingRepository,
    private readonly delivery: CallbackDelivery,
    private readonly queue: JobQueue,
    private readonly effects: EffectSink,
    private readonly clock: Clock,
  ) {}

  /** Makes the jobs of callbacks whose rows are written; a job that cannot be made is made by the sweep. */
  async enqueue(callbackIds: readonly string[], tryNumber = 1): Promise<void> {
    try {
      await this.queue.addMany(
        CALLBACK_JOB,
        callbackIds.map((callbackId) => ({
          payload: { callbackId },
          options: { id: callbackJobId(callbackId, tryNumber) },
        })),
      );
    } catch (error) {
      log.warn({ err: error, count: callbackIds.length }, 'callbacks wait for the sweep');
    }
  }

  /** Makes one try of a callback, when it is due. */
  async send(callbackId: string): Promise<void> {
    const callback = await this.repository.claim(callbackId, this.clock.now(), LEASE_MS);
    if (!callback) return;
    const network = findAdNetwork(callback.network);
    const result = network ? await this.try(network, callback) : unknownNetwork(callback.network);
    const now = this.clock.now();
    const settlement = settleCallback(result.outcome, {
      attempts: callback.attempts,
      isRepeatSafe: network?.isRepeatSafe ?? false,
      now,
    });
    // Before the row is settled: after a crash in between the event is recorded again, not lost.
    if (settlement.state === 'done') await this.announce(callback, now);
    const isSettled = await this.repository.settle(callback, settlement, { response: result.response, now });
    if (!isSettled) return;
    metrics.adCallbacks.inc({ network: callback.network, state: settlement.state });
    if (settlement.state !== 'queued') return;
    await this.queue.add(
      CALLBACK_JOB,
      { callbackId },
      { id: callbackJobId(callbackId, callback.attempts + 1), delayMs: settlement.nextAttemptAt - now },
    );
  }

  /** Finds callbacks whose job was lost, or whose sender died. */
  async sweep(): Promise<void> {
    const now = this.clock.now();
    const unrepeatable = AD_NETWORKS.filter((network) => !network.isRepeatSafe).map(({ name }) => name);
    await this.repository.giveUpOnLost(unrepeatable, now);
    const overdue = await this.repository.findOverdue(now, GRACE_MS, SWEEP_LIMIT);
    if (overdue.length > 0) await this.enqueue(overdue, now);
  }

  private async try(network: AdNetwork, callback: ClaimedCallback): Promise<TryResult> {
    const settings = await this.settings.networkSettings(callback.projectId, callback.network);
    const built = network.buildCallback(callback, callback, settings);
    const refusal = this.delivery.refuse(network, built);
    if (built.kind === 'impossible' || refusal !== null) {
      return { outcome: { kind: 'forbidden', detail: refusal ?? '' }, response: null };
    }
    await this.repository.keepRequest(callback.id, withoutSecrets(built.request));
    return this.delivery.deliver(network, built.request);
  }

  private async announce(callback: ClaimedCallback, now: number): Promise<void> {
    await this.effects.dispatch([
      {
        kind: 'record_event',
        projectId: callback.projectId,
        userId: callback.userId,
        event: SYSTEM_EVENTS.callbackSent,
        time: now,
        dedupeKey: callback.id,
        properties: {
          network: callback.network,
          event_type: callback.eventType,
          ad_link_id: callback.adLinkId,
          ad_click_id: callback.clickId,
          callback_id: callback.id,
        },
      },
    ]);
  }
}

function unknownNetwork(name: string): TryResult {
  return {
    outcome: { kind: 'forbidden', detail: `There is no network ${name} in this version.` },
    response: null,
  };
}

function withoutSecrets(request: CallbackRequest): CallbackRequest {
  return {
    ...request,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        PLAIN_HEADERS.has(name.toLowerCase()) ? value : '********',
      ]),
    ),
  };
}
