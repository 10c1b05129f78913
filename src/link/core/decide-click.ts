import { isbot } from 'isbot';

/** Headers of a request that tell what kind of visitor makes it; absent ones are undefined. */
export interface VisitHeaders {
  userAgent: string | undefined;
  purpose: string | undefined;
  secPurpose: string | undefined;
  xPurpose: string | undefined;
  xMoz: string | undefined;
}

/**
 * Whether nobody looks at what this request fetches: crawlers and link previews by their user agent, and
 * browsers that load a page before it is asked for.
 * Such a visit is redirected and flagged; it counts nowhere.
 */
export function isBotVisit(headers: VisitHeaders): boolean {
  const hints = [headers.purpose, headers.secPurpose, headers.xPurpose, headers.xMoz];
  return (
    hints.some((hint) => hint !== undefined && /\b(prefetch|prerender|preview)\b/i.test(hint)) ||
    isbot(headers.userAgent)
  );
}

/** What decides whether a link still leads anywhere. */
export interface LinkState {
  isDisabled: boolean;
  /** Milliseconds since 1970; null for never. */
  expiresAt: number | null;
  /** Null for no limit. */
  maxClicks: number | null;
  clickCount: number;
}

export const GONE_REASONS = ['disabled', 'expired', 'click_limit'] as const;
export type GoneReason = (typeof GONE_REASONS)[number];

export type ClickDecision = { kind: 'redirect' } | { kind: 'gone'; reason: GoneReason } | { kind: 'unknown' };

/**
 * Decides what a visitor of a link gets.
 *
 * A visit that counts has taken its place under the limit in the very statement that read the link
 * (`counted`), because two visitors at once must not share the last one. Bots and HEAD requests take no
 * place, but see the same link as everybody else.
 * @param link null where there is no such link
 * @param visit `counted`: true or false where the visit counts, null where it takes no place
 */
export function decideClick(
  link: LinkState | null,
  visit: { counted: boolean | null; nowMs: number },
): ClickDecision {
  if (link === null) return { kind: 'unknown' };
  if (visit.counted === true) return { kind: 'redirect' };
  const reason = goneReason(link, visit.nowMs);
  if (reason !== null) return { kind: 'gone', reason };
  // Read as open and yet no place left: another visitor took the last one at the same moment.
  return visit.counted === false ? { kind: 'gone', reason: 'click_limit' } : { kind: 'redirect' };
}

/** Why a link leads nowhere any more; null where it does. */
export function goneReason(link: LinkState, nowMs: number): GoneReason | null {
  if (link.isDisabled) return 'disabled';
  if (link.expiresAt !== null && link.expiresAt <= nowMs) return 'expired';
  if (link.maxClicks !== null && link.clickCount >= link.maxClicks) return 'click_limit';
  return null;
}
