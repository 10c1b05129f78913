import type { ProjectId, UserId } from '../../kernel/ids.js';
import type { AdEventType } from './ad-event.js';
import type { MatchMethod } from './match-attribution.js';

/** The click behind a conversion, as reports name it. */
export interface ClickRef {
  clickId: string;
  adLinkId: string;
  network: string;
  campaignId: string | null;
  adGroupId: string | null;
  creativeId: string | null;
  /** Kinds of conversions that it has earned already. */
  takenFor: readonly AdEventType[];
}

/** A conversion that is decided; `click` is null where none was found. */
export interface KnownConversion {
  conversionId: string;
  projectId: ProjectId;
  userId: UserId;
  distinctId: string;
  eventType: AdEventType;
  eventId: string;
  occurredAt: number;
  matchedBy: MatchMethod | null;
  click: ClickRef | null;
}

interface Person {
  projectId: ProjectId;
  userId: UserId;
  /** Every id of the person that a record names. */
  aliases: readonly string[];
}

/** Decided conversions, found by user, or by another id of a person who was merged since. */
export class KnownConversions {
  private readonly byKey = new Map<string, KnownConversion>();

  constructor(known: readonly KnownConversion[]) {
    for (const one of known) this.add(one);
  }

  add(one: KnownConversion): void {
    const scope = `${one.projectId}.${one.eventType}`;
    this.byKey.set(`${scope}.user.${one.userId}`, one);
    this.byKey.set(`${scope}.id.${one.distinctId}`, one);
  }

  find(person: Person, eventType: AdEventType): KnownConversion | null {
    const scope = `${person.projectId}.${eventType}`;
    const own = this.byKey.get(`${scope}.user.${person.userId}`);
    if (own) return own;
    for (const alias of person.aliases) {
      const other = this.byKey.get(`${scope}.id.${alias}`);
      if (other) return other;
    }
    return null;
  }
}
