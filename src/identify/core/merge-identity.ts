import type { UserId } from '../../kernel/ids.js';

/** Who has the identities that one record names, as far as they are known. */
export interface Claim {
  /** Identity of a login: it decides who the person is. Null where the record has none. */
  login: { id: string; owner: UserId | null } | null;
  /** The other identities, in the order of the record. */
  others: readonly { id: string; owner: UserId | null }[];
  /** Persons that have a login identity of their own. */
  loggedIn: ReadonlySet<UserId>;
  /** Whether the record says that its identities are one person (login, bind), or only where it came from. */
  joins: boolean;
}

/** What a record means for the identity graph. */
export interface MergePlan {
  /** The person of the record; null: a new one has to be made. */
  person: UserId | null;
  /** Identities that the person gets. */
  assign: string[];
  /** Persons that end in `person`. */
  absorb: UserId[];
}

/**
 * Decides who the person of a record is, and who is joined with whom.
 *
 * - A login identity belongs to one person for good. The record's person is its owner.
 * - An anonymous person is absorbed by the person who logs in on the same device.
 * - A person with another login is never absorbed and never changes: the device's identity stays with the first
 *   login, and the record belongs to the second.
 * - Without a login the first known identity decides; others are joined only where the record says so.
 *
 * Source: docs/design of identities in docs/identity.md; SensorsData IDM rules (wire-formats A10).
 */
export function mergeIdentity(claim: Claim): MergePlan {
  const owners = claim.others.map(({ owner }) => owner).filter((owner): owner is UserId => owner !== null);
  if (claim.login) return mergeLogin(claim, claim.login, owners);
  const person = owners[0] ?? null;
  const free = claim.others.filter(({ owner }) => owner === null).map(({ id }) => id);
  const canAbsorb = (owner: UserId) => claim.joins && owner !== person && !claim.loggedIn.has(owner);
  return { person, assign: free, absorb: unique(owners.filter(canAbsorb)) };
}

function mergeLogin(claim: Claim, login: { id: string; owner: UserId | null }, owners: UserId[]): MergePlan {
  const anonymous = owners.filter((owner) => !claim.loggedIn.has(owner));
  const free = claim.others.filter(({ owner }) => owner === null).map(({ id }) => id);
  if (login.owner !== null) {
    const absorb = claim.joins ? unique(anonymous.filter((owner) => owner !== login.owner)) : [];
    return { person: login.owner, assign: free, absorb };
  }
  // A first login: the anonymous person of this device becomes the one who logged in.
  const person = claim.joins ? (anonymous[0] ?? null) : null;
  return {
    person,
    assign: [login.id, ...free],
    absorb: claim.joins ? unique(anonymous.filter((owner) => owner !== person)) : [],
  };
}

function unique(ids: readonly UserId[]): UserId[] {
  return [...new Set(ids)];
}
