import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { newId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { metrics } from '../platform/metrics/metrics.js';
import type { ParsedClick } from './core/ad-network.js';
import { toClickedAt } from './core/click-time.js';
import { toLandingUrl } from './core/landing-url.js';
import { readPresent } from './core/read-present.js';
import { keysOfTouch, normaliseIp } from './core/touch-keys.js';
import { AdClickRepository } from './data/ad-click.repository.js';
import { type AdLink, AdLinkRepository } from './data/ad-link.repository.js';
import { findAdNetwork } from './networks/index.js';

/** One request to a monitoring link. `query` is raw, without `?`; `ip` and `userAgent` are of whoever calls. */
export interface ClickRequest {
  code: string;
  query: string;
  ip: string;
  userAgent: string;
}

export type ClickReply =
  | { kind: 'answer'; status: number; contentType: string; body: string }
  | { kind: 'redirect'; url: string };

/** How long a changed or disabled link may still be used as it was. */
const LINK_CACHE_MS = 5_000;
/** A query that is longer than any network's link is cut. */
const RAW_QUERY_CHARACTERS = 16_384;
/** Satisfies every network whose answer is known, whatever field it reads. */
const GENERAL_ANSWER: ClickReply = {
  kind: 'answer',
  status: 200,
  contentType: 'application/json; charset=utf-8',
  body: '{"code":0,"result":1,"success":true,"msg":"success","error":""}',
};

/** Keeps the clicks that networks report, and answers each as it wants. */
@Injectable()
export class AdClickService {
  private readonly links = new LRUCache<string, { link: AdLink | null }>({ max: 10_000, ttl: LINK_CACHE_MS });

  constructor(
    private readonly repository: AdLinkRepository,
    private readonly clicks: AdClickRepository,
    private readonly clock: Clock,
  ) {}

  /** The click is durable when this resolves. A link that is unknown, disabled or expired stores nothing. */
  async take(request: ClickRequest): Promise<ClickReply> {
    const link = await this.findLink(request.code);
    const network = link && findAdNetwork(link.network);
    if (!link || !network) {
      metrics.adClicks.inc({ network: 'none', result: 'unknown_code' });
      return GENERAL_ANSWER;
    }
    const answer: ClickReply = { kind: 'answer', ...network.clickAnswer };
    const now = this.clock.now();
    const isExpired = link.expiresAt !== null && link.expiresAt.getTime() <= now;
    if (link.isDisabled || isExpired) {
      metrics.adClicks.inc({ network: link.network, result: link.isDisabled ? 'disabled' : 'expired' });
      return answer;
    }
    const query = new URLSearchParams(request.query);
    const isBrowser = query.get('redirect') === '1';
    const parsed = network.parseClick(query);
    const clickId = await this.store(link, isBrowser ? withConnection(parsed, request) : parsed, {
      rawQuery: request.query,
      now,
    });
    metrics.adClicks.inc({ network: link.network, result: 'stored' });
    return isBrowser && link.landingUrl !== null
      ? { kind: 'redirect', url: toLandingUrl(link.landingUrl, link.utm, clickId) }
      : answer;
  }

  /** Drops a link from memory, after a change made by this process. */
  forget(code: string): void {
    this.links.delete(code);
  }

  private async findLink(code: string): Promise<AdLink | null> {
    const cached = this.links.get(code);
    if (cached) return cached.link;
    const link = await this.repository.findByCode(code);
    this.links.set(code, { link });
    return link;
  }

  private async store(
    link: AdLink,
    parsed: ParsedClick,
    context: { rawQuery: string; now: number },
  ): Promise<string> {
    const id = newId('adClick', context.now);
    const clickTokens = [id, ...parsed.clickTokens];
    await this.clicks.insert(
      {
        ...parsed,
        id,
        projectId: link.projectId,
        adLinkId: link.id,
        network: link.network,
        os: parsed.os ?? link.os,
        clickTokens,
        clickedAt: new Date(toClickedAt(parsed.clickedAt, context.now)),
        receivedAt: new Date(context.now),
        rawQuery: context.rawQuery.replaceAll('\u0000', '').slice(0, RAW_QUERY_CHARACTERS),
      },
      keysOfTouch({ ...parsed, clickTokens }),
    );
    return id;
  }
}

/** With a redirect the person's own browser calls, else the network's server: only then the connection tells. */
function withConnection(parsed: ParsedClick, request: ClickRequest): ParsedClick {
  return {
    ...parsed,
    ip: parsed.ip ?? normaliseIp(request.ip),
    userAgent: parsed.userAgent ?? readPresent(request.userAgent, 1_024),
  };
}
