import type { UnattributedReason } from '../../kernel/reasons.js';
import { type DeviceTraits, haveSameTraits, traitsOfUserAgent } from './device-traits.js';
import type { DeviceId, DeviceIdKind } from './normalise-device-id.js';
import type { TouchIds } from './touch-keys.js';

/**
 * How a conversion found its click, best first. `earlier_conversion`: by an earlier conversion of the same user,
 * such as the activation, that had found one.
 */
export const MATCH_METHODS = [
  'click_id',
  'device_id',
  'hashed_device_id',
  'secondary_device_id',
  'ip_user_agent',
  'earlier_conversion',
] as const;
export type MatchMethod = (typeof MATCH_METHODS)[number];

/** What is known of the device of an arrival. Times are ms since 1970. */
export interface ArrivalTraits extends TouchIds {
  occurredAt: number;
  userAgent: string | null;
  device: DeviceTraits | null;
}

export interface ClickCandidate extends TouchIds {
  clickId: string;
  clickedAt: number;
  receivedAt: number;
  userAgent: string | null;
  /** Look-back of the click's link. */
  windowMs: number;
  /** Whether the click has earned this kind of conversion already. */
  isTaken: boolean;
}

export interface MatchPolicy {
  /** Look-back of matches by address and device traits, which soon become guesses. */
  probabilisticWindowMs: number;
  /** A click may be this much later than the arrival: clocks differ. */
  clockToleranceMs: number;
}

/** Windows that fit the networks' own: 24 hours for a match without ids; one minute between clocks. */
export const DEFAULT_MATCH_POLICY: MatchPolicy = {
  probabilisticWindowMs: 24 * 3_600_000,
  clockToleranceMs: 60_000,
};

export type Attribution =
  | { kind: 'attributed'; clickId: string; matchedBy: MatchMethod }
  | { kind: 'unattributed'; reason: UnattributedReason };

const TIERS = ['click_id', 'device_id', 'hashed_device_id', 'secondary_device_id', 'ip_user_agent'] as const;
type Tier = (typeof TIERS)[number];
const PRIMARY: ReadonlySet<DeviceIdKind> = new Set(['oaid', 'idfa', 'gaid']);

/**
 * Picks the ad click that earns an arrival, or says why none does.
 *
 * The surest kind of match wins: click id, raw advertising id, hashed advertising id, Android id / IMEI / MAC /
 * CAID, then address with device traits. Within one kind the last click inside the window wins. A click that
 * earned such a conversion already earns no second one: the device is not new, so an older click gets it neither;
 * only behind a shared address another click may.
 *
 * @param candidates clicks of the same project, any order; those that do not fit are ignored
 * @param context `now`: an arrival from the future counts as one of now
 * Source: match order of the attribution products, docs/attribution.md
 */
export function matchAttribution(
  arrival: ArrivalTraits,
  candidates: readonly ClickCandidate[],
  context: { policy: MatchPolicy; now: number },
): Attribution {
  const at = Math.min(arrival.occurredAt, context.now);
  const fitting = candidates.flatMap((click) => {
    const tier = tierOf(arrival, click);
    return tier === null ? [] : [{ click, tier }];
  });
  for (const tier of TIERS) {
    const inWindow = fitting
      .filter((fit) => fit.tier === tier && isInWindow(fit.click, { tier, at, policy: context.policy }))
      .map((fit) => fit.click)
      .sort(laterFirst);
    if (inWindow.length === 0) continue;
    const winner = tier === 'ip_user_agent' ? inWindow.find((click) => !click.isTaken) : inWindow[0];
    return winner === undefined || winner.isTaken
      ? { kind: 'unattributed', reason: 'already_attributed' }
      : { kind: 'attributed', clickId: winner.clickId, matchedBy: tier };
  }
  return { kind: 'unattributed', reason: whyNone(arrival, fitting.length > 0) };
}

function tierOf(arrival: ArrivalTraits, click: ClickCandidate): Tier | null {
  if (click.clickTokens.some((token) => arrival.clickTokens.includes(token))) return 'click_id';
  if (sharesId(arrival, click, (a, b) => isPrimary(a) && a.raw !== null && a.raw === b.raw))
    return 'device_id';
  if (sharesId(arrival, click, (a, b) => isPrimary(a) && sharesHash(a, b))) return 'hashed_device_id';
  if (sharesId(arrival, click, sharesHash)) return 'secondary_device_id';
  return arrival.ip !== null && arrival.ip === click.ip && looksAlike(arrival, click)
    ? 'ip_user_agent'
    : null;
}

function sharesId(a: TouchIds, b: TouchIds, isSame: (a: DeviceId, b: DeviceId) => boolean): boolean {
  return a.deviceIds.some((left) =>
    b.deviceIds.some((right) => left.kind === right.kind && isSame(left, right)),
  );
}

function isPrimary(id: DeviceId): boolean {
  return PRIMARY.has(id.kind);
}

function sharesHash(a: DeviceId, b: DeviceId): boolean {
  return a.hashes.some((hash) => b.hashes.includes(hash));
}

function looksAlike(arrival: ArrivalTraits, click: ClickCandidate): boolean {
  if (click.userAgent === null) return false;
  if (arrival.userAgent === click.userAgent) return true;
  const seen = arrival.device ?? (arrival.userAgent === null ? null : traitsOfUserAgent(arrival.userAgent));
  const clicked = traitsOfUserAgent(click.userAgent);
  return seen !== null && clicked !== null && haveSameTraits(seen, clicked);
}

function isInWindow(
  click: ClickCandidate,
  context: { tier: Tier; at: number; policy: MatchPolicy },
): boolean {
  const { probabilisticWindowMs, clockToleranceMs } = context.policy;
  const windowMs =
    context.tier === 'ip_user_agent' ? Math.min(probabilisticWindowMs, click.windowMs) : click.windowMs;
  const ageMs = context.at - click.clickedAt;
  return ageMs >= -clockToleranceMs && ageMs <= windowMs;
}

function laterFirst(a: ClickCandidate, b: ClickCandidate): number {
  return b.clickedAt - a.clickedAt || b.receivedAt - a.receivedAt || (a.clickId < b.clickId ? 1 : -1);
}

function whyNone(arrival: ArrivalTraits, hasFitting: boolean): UnattributedReason {
  if (hasFitting) return 'outside_window';
  const canMatchByAddress = arrival.ip !== null && (arrival.userAgent !== null || arrival.device !== null);
  const hasIds = arrival.deviceIds.length > 0 || arrival.clickTokens.length > 0;
  return hasIds || canMatchByAddress ? 'no_candidate' : 'no_device_id';
}
