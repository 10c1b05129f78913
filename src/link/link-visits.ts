import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { metrics } from '../platform/metrics/metrics.js';
import { Secrets } from '../platform/secrets/secrets.js';
import { ClickEffects } from './click-effects.js';
import { type ClickDecision, decideClick, isBotVisit, type VisitHeaders } from './core/decide-click.js';
import { isPossibleCode } from './core/link-code.js';
import { ClickRepository, type VisitedLink } from './data/click.repository.js';
import { LinkRepository } from './data/link.repository.js';

export interface Visit {
  code: string;
  isScan: boolean;
  ip: string;
  headers: VisitHeaders;
  referrer: string;
}

export type VisitAnswer = { kind: 'redirect'; targetUrl: string } | { kind: 'gone' } | { kind: 'unknown' };

const MAX_HEADER_LENGTH = 512;

/** Visitors of short links. */
@Injectable()
export class LinkVisits {
  constructor(
    private readonly clicks: ClickRepository,
    private readonly links: LinkRepository,
    private readonly effects: ClickEffects,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /** Records the visit; when it resolves, the click is durable. */
  async follow(visit: Visit): Promise<VisitAnswer> {
    const isBot = isBotVisit(visit.headers);
    const at = this.clock.now();
    const found = isPossibleCode(visit.code) ? await this.record(visit, { at, isBot }) : null;
    const counted = isBot ? null : found !== null && found.clickId !== null;
    const decision = decideClick(found?.state ?? null, { counted, nowMs: at });
    const answer = toAnswer(decision, found?.targetUrl);
    if (counted === true && found !== null && found.clickId !== null && found.recipient !== null) {
      const { clickId, recipient, targetUrl } = found;
      this.effects.add({ ...recipient, clickId, clickedAt: at, targetUrl });
    }
    metrics.linkVisits.inc({ result: answer.kind === 'redirect' && isBot ? 'bot' : answer.kind });
    return answer;
  }

  /** Answers a HEAD request: as `follow` would, and nothing is written. */
  async peek(code: string): Promise<VisitAnswer> {
    const link = isPossibleCode(code) ? await this.links.findByCode(code) : null;
    const decision = decideClick(link, { counted: null, nowMs: this.clock.now() });
    return toAnswer(decision, link?.targetUrl);
  }

  private record(visit: Visit, { at, isBot }: { at: number; isBot: boolean }): Promise<VisitedLink | null> {
    return this.clicks.recordVisit({
      code: visit.code,
      at,
      isBot,
      isScan: visit.isScan,
      ipHash: this.hashIp(visit),
      userAgent: (visit.headers.userAgent ?? '').slice(0, MAX_HEADER_LENGTH),
      referrer: visit.referrer.slice(0, MAX_HEADER_LENGTH),
    });
  }

  /** Tells visitors of one link apart; the same address at two links has two hashes. */
  private hashIp(visit: Visit): string {
    return this.secrets.sign('visitor', `${visit.code.toLowerCase()} ${visit.ip}`, 22);
  }
}

function toAnswer(decision: ClickDecision, targetUrl: string | undefined): VisitAnswer {
  if (decision.kind !== 'redirect') return { kind: decision.kind };
  if (targetUrl === undefined) throw new Error('A redirect without a link.');
  return { kind: 'redirect', targetUrl };
}
