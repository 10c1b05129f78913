import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { EffectSink } from '../kernel/effects.js';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { Clock } from '../platform/clock/clock.js';
import { log } from '../platform/log/log.js';
import { LinkUpkeep } from './contract.js';
import { type RecipientClick, toClickEffects } from './core/engagement-effects.js';
import { ClickRepository } from './data/click.repository.js';

const BATCH = 500;
/** More than this waits in the table only; the sweep takes it from there. */
const MAX_WAITING = 10_000;
/** A click that is still pending after this time was left behind by a crash or a failed hand-over. */
const LEFT_BEHIND_MS = 30_000;
const SWEEP_EVERY_MS = 15_000;

/**
 * Hands the effects of recipients' clicks over, behind the answer to the visitor. The click's row says that they are
 * pending until they are durable, so a crash in between loses nothing.
 */
@Injectable()
export class ClickEffects extends LinkUpkeep implements BeforeApplicationShutdown {
  private waiting: RecipientClick[] = [];
  private isDraining = false;
  private drained: Promise<void> = Promise.resolve();

  constructor(
    private readonly repository: ClickRepository,
    private readonly effects: EffectSink,
    private readonly clock: Clock,
  ) {
    super();
  }

  add(click: RecipientClick): void {
    if (this.waiting.length >= MAX_WAITING) return;
    this.waiting.push(click);
    if (!this.isDraining) this.drained = this.drain();
  }

  tasks(): UpkeepTask[] {
    return [{ name: 'link.pending-clicks', everyMs: SWEEP_EVERY_MS, run: () => this.sweep() }];
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.drained;
  }

  /** Hands over what was left behind; doing it twice is harmless. */
  async sweep(): Promise<void> {
    let clicks: RecipientClick[];
    do {
      clicks = await this.repository.findPending(this.clock.now() - LEFT_BEHIND_MS, BATCH);
      await this.handOver(clicks);
    } while (clicks.length === BATCH);
  }

  private async drain(): Promise<void> {
    this.isDraining = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH);
      try {
        await this.handOver(batch);
      } catch (error) {
        log.warn({ err: error, clicks: batch.length }, 'effects of clicks stay pending');
      }
    }
    this.isDraining = false;
  }

  private async handOver(clicks: readonly RecipientClick[]): Promise<void> {
    if (clicks.length === 0) return;
    await this.effects.dispatch(clicks.flatMap(toClickEffects));
    await this.repository.settle(clicks.map(({ clickId }) => clickId));
  }
}
