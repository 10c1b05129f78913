import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Ledger, WebhookCalls } from '../deliver/contract.js';
import { Journal } from '../journal/contract.js';
import type {
  CallWebhook,
  Effect,
  RecordEngagement,
  RecordEvent,
  RequestMessage,
} from '../kernel/effects.js';
import { EffectSink } from '../kernel/effects.js';
import { Clock } from '../platform/clock/clock.js';
import { Recall } from '../recall/contract.js';

/** Hands each effect to the stage that owns it. The stages are looked up late: they inject this sink themselves. */
@Injectable()
export class FlowEffects extends EffectSink {
  constructor(
    private readonly modules: ModuleRef,
    private readonly clock: Clock,
  ) {
    super();
  }

  async dispatch(effects: readonly Effect[]): Promise<void> {
    if (effects.length === 0) return;
    const messages: RequestMessage[] = [];
    const webhooks: CallWebhook[] = [];
    const engagements: RecordEngagement[] = [];
    const events: RecordEvent[] = [];
    for (const effect of effects) {
      switch (effect.kind) {
        case 'request_message':
          messages.push(effect);
          break;
        case 'call_webhook':
          webhooks.push(effect);
          break;
        case 'record_engagement':
          engagements.push(effect);
          break;
        case 'record_event':
          events.push(effect);
          break;
      }
    }
    await Promise.all([
      messages.length > 0 && this.modules.get(Recall, { strict: false }).requestMessages(messages),
      webhooks.length > 0 && this.modules.get(WebhookCalls, { strict: false }).enqueue(webhooks),
      engagements.length > 0 && this.modules.get(Ledger, { strict: false }).recordEngagement(engagements),
      this.record(events),
    ]);
  }

  /** Rekindle's own events take the same way as those of an SDK: through the journal. */
  private async record(events: readonly RecordEvent[]): Promise<void> {
    const journal = this.modules.get(Journal, { strict: false });
    const byProject = new Map<number, RecordEvent[]>();
    for (const event of events) {
      const own = byProject.get(event.projectId);
      if (own) own.push(event);
      else byProject.set(event.projectId, [event]);
    }
    await Promise.all(
      [...byProject].map(([projectId, own]) =>
        journal.append({
          source: 'internal',
          projectId,
          receivedAt: this.clock.now(),
          ip: '',
          userAgent: '',
          query: '',
          body: Buffer.from(JSON.stringify(own.map(toRecord))),
        }),
      ),
    );
  }
}

function toRecord({ event, userId, time, dedupeKey, properties }: RecordEvent) {
  const eventId = createHash('sha256').update(`${event}\n${dedupeKey}`).digest('hex').slice(0, 32);
  return { eventId, type: 'track', event, userId, time, properties };
}
