import type { UnattributedReason } from '../../kernel/reasons.js';
import { AD_EVENT_TYPES } from './ad-event.js';
import type { ClickRef, KnownConversion, KnownConversions } from './known-conversions.js';
import {
  type ClickCandidate,
  type MatchMethod,
  type MatchPolicy,
  matchAttribution,
} from './match-attribution.js';
import { INSTALL_EVENT } from './pick-arrivals.js';
import type { Arrival } from './read-arrival.js';

/** A click that may earn an arrival, with what a conversion keeps of it. */
export type Click = Omit<ClickCandidate, 'isTaken'> & ClickRef;

export type ConversionResult =
  | { kind: 'attributed'; click: ClickRef; matchedBy: MatchMethod }
  | { kind: 'unattributed'; reason: UnattributedReason };

/** What was decided about one arrival. `replaces`: the conversion that had found no click before. */
export interface Decision {
  arrival: Arrival;
  replaces: string | null;
  result: ConversionResult;
}

interface DecisionContext {
  clicksOf: (arrival: Arrival) => readonly Click[];
  policy: MatchPolicy;
  now: number;
}

/**
 * Whether an arrival is still to be decided. An install decides again where an earlier event of the user found
 * no click, since it is the one that carries the device ids.
 */
export function isOpen(
  arrival: Pick<Arrival, 'eventType' | 'event'>,
  before: { isAttributed: boolean } | null,
): boolean {
  if (before === null) return true;
  return arrival.eventType === 'activate' && arrival.event === INSTALL_EVENT && !before.isAttributed;
}

/**
 * Decides the open arrivals of one batch, in order: activations before the conversions that follow them.
 * A sign-up or payment belongs to the click of the user's activation, or of another earlier conversion; only where
 * none has a click it is matched by itself. A click earns each kind of conversion once, also within the batch. `known` learns what is decided.
 * @returns the new decisions; an arrival that found no click again gives none
 */
export function decideConversions(
  arrivals: readonly Arrival[],
  known: KnownConversions,
  context: DecisionContext,
): Decision[] {
  const taken = new Set<string>();
  const decisions: Decision[] = [];
  for (const arrival of arrivals) {
    const before = known.find(arrival, arrival.eventType);
    if (!isOpen(arrival, before && { isAttributed: before.click !== null })) continue;
    const isTaken = (click: ClickRef) =>
      click.takenFor.includes(arrival.eventType) || taken.has(`${click.clickId}.${arrival.eventType}`);
    const result = followEarlier(arrival, known, isTaken) ?? matchClicks(arrival, context, isTaken);
    if (before !== null && result.kind === 'unattributed') continue;
    if (result.kind === 'attributed') taken.add(`${result.click.clickId}.${arrival.eventType}`);
    known.add(toKnown(arrival, result));
    decisions.push({ arrival, replaces: before?.conversionId ?? null, result });
  }
  return decisions;
}

function followEarlier(
  arrival: Arrival,
  known: KnownConversions,
  isTaken: (click: ClickRef) => boolean,
): ConversionResult | null {
  if (arrival.eventType === 'activate') return null;
  const earlier = AD_EVENT_TYPES.map((eventType) => known.find(arrival, eventType)?.click);
  const click = earlier.find((one) => one !== null && one !== undefined);
  if (!click) return null;
  return isTaken(click)
    ? { kind: 'unattributed', reason: 'already_attributed' }
    : { kind: 'attributed', click, matchedBy: 'earlier_conversion' };
}

function matchClicks(
  arrival: Arrival,
  context: DecisionContext,
  isTaken: (click: ClickRef) => boolean,
): ConversionResult {
  const clicks = context.clicksOf(arrival);
  const candidates = clicks.map((click) => ({ ...click, isTaken: isTaken(click) }));
  const found = matchAttribution(arrival, candidates, context);
  if (found.kind === 'unattributed') return found;
  const click = clicks.find(({ clickId }) => clickId === found.clickId);
  if (!click) throw new Error('The matcher named a click that is no candidate.');
  return { kind: 'attributed', click, matchedBy: found.matchedBy };
}

function toKnown(arrival: Arrival, result: ConversionResult): KnownConversion {
  const isAttributed = result.kind === 'attributed';
  return {
    conversionId: '',
    projectId: arrival.projectId,
    userId: arrival.userId,
    distinctId: arrival.distinctId,
    eventType: arrival.eventType,
    eventId: arrival.eventId,
    occurredAt: arrival.occurredAt,
    matchedBy: isAttributed ? result.matchedBy : null,
    click: isAttributed ? result.click : null,
  };
}
