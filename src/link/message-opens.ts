import { Injectable } from '@nestjs/common';
import { EffectSink } from '../kernel/effects.js';
import { Clock } from '../platform/clock/clock.js';
import { Secrets } from '../platform/secrets/secrets.js';
import { toOpenEffects } from './core/engagement-effects.js';
import { isMachineOpen, PIXEL_PURPOSE, parsePixelToken } from './core/open-pixel.js';

/** Openings of messages, seen by their pixel. */
@Injectable()
export class MessageOpens {
  constructor(
    private readonly secrets: Secrets,
    private readonly effects: EffectSink,
    private readonly clock: Clock,
  ) {}

  /** Records an opening; a token that we did not sign changes nothing. */
  async record(token: string, userAgent: string | undefined): Promise<void> {
    const parsed = parsePixelToken(token);
    if (!parsed || !this.secrets.verify(PIXEL_PURPOSE, parsed.payload, parsed.signature)) return;
    const open = { at: this.clock.now(), isMachine: isMachineOpen(userAgent) };
    await this.effects.dispatch(toOpenEffects(parsed.message, open));
  }
}
