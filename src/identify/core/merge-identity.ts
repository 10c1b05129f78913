import type { UserId } from '../../kernel/ids.js';
import type { ClaimRefusal } from '../../kernel/reasons.js';

/** One identity that a record names. */
export interface ClaimedIdentity {
  id: string;
  key: string;
  /** The person who has it; null: nobody. */
  owner: UserId | null;
  /** It says beyond doubt who the person is: a login, or a user whom an admin named. */
  names: boolean;
  /** Why it may join nobody; null: it may. */
  apart: ClaimRefusal | null;
}

/** What decides whether a person can be joined with another. */
export interface PersonFacts {
  /** Unique keys of which the person has a value. */
  uniqueKeys: ReadonlySet<string>;
  /** How many persons were merged into this one, directly or before. */
  absorbed: number;
  /** Persons from whom this one was split by hand. */
  splitFrom: ReadonlySet<UserId>;
}

export interface Claim {
  /** In the order of the record, its login first. */
  identities: readonly ClaimedIdentity[];
  /** Whether the record says that its identities are one person (login, bind), or only where it came from. */
  joins: boolean;
  factsOf: (userId: UserId) => PersonFacts;
  mergesPerUser: number;
}

/** What a record means for the identity graph. */
export interface MergePlan {
  /** The person of the record; null: a new one has to be made. */
  person: UserId | null;
  /** Identities that the person gets. */
  assign: string[];
  /** Persons that end in `person`. */
  absorb: UserId[];
  /** Identities that the record joins with its person in vain. */
  refused: { id: string; owner: UserId | null; reason: ClaimRefusal }[];
}

/**
 * Decides who the person of a record is, and who is joined with whom.
 *
 * - An identity belongs to one person; of a unique key, such as a login, a person has one value at most.
 * - The first login of a record says whose it is; else the first known identity, one who has a login before others.
 * - Only a login or a bind joins. Whoever has no login is absorbed. Whoever has one is absorbed only where the record
 *   names that very login, and where the two have no unique key in common.
 * - What cannot be joined stays with the person who has it, and the claim is refused.
 * - An identity that may join nobody counts only where the record has no other.
 *
 * Source: docs/identity.md; SensorsData IDM rules (wire-formats A10).
 */
export function mergeIdentity(claim: Claim): MergePlan {
  const { identities, joins } = claim;
  const usable = identities.filter(({ apart }) => apart === null);
  const refused = joins ? identities.flatMap(refuseApart) : [];
  const first = usable[0] ?? identities[0];
  if (!first) return { person: null, assign: [], absorb: [], refused };
  if (usable.length === 0) {
    return { person: first.owner, assign: first.owner === null ? [first.id] : [], absorb: [], refused };
  }
  const plan: MergePlan = { person: pickPerson(claim, usable), assign: [], absorb: [], refused };
  joinAll(claim, usable, plan);
  return plan;
}

function refuseApart({ id, owner, apart }: ClaimedIdentity): MergePlan['refused'] {
  return apart === null ? [] : [{ id, owner, reason: apart }];
}

function pickPerson(claim: Claim, usable: readonly ClaimedIdentity[]): UserId | null {
  const login = usable.find(({ names }) => names);
  if (login && login.owner !== null) return login.owner;
  const owned = usable.filter(({ owner }) => owner !== null);
  if (!login) {
    const isSignedIn = ({ owner }: ClaimedIdentity) =>
      owner !== null && claim.factsOf(owner).uniqueKeys.size > 0;
    return ((claim.joins && owned.find(isSignedIn)) || owned[0])?.owner ?? null;
  }
  if (!claim.joins) return null;
  // A first login: the person of this device becomes the one who logged in.
  const heir = owned.find(
    ({ owner }) =>
      owner !== null && isJoinable(claim, usable, owner) && !claim.factsOf(owner).uniqueKeys.has(login.key),
  );
  return heir?.owner ?? null;
}

/** A plan while the identities of its record are gone through. */
interface Joining {
  claim: Claim;
  usable: readonly ClaimedIdentity[];
  plan: MergePlan;
  /** Unique keys of which the person has a value by now. */
  held: Set<string>;
  absorbed: number;
}

function joinAll(claim: Claim, usable: readonly ClaimedIdentity[], plan: MergePlan): void {
  const facts = plan.person === null ? null : claim.factsOf(plan.person);
  const held = new Set(facts?.uniqueKeys);
  const joining: Joining = { claim, usable, plan, held, absorbed: facts?.absorbed ?? 0 };
  for (const identity of usable) {
    if (identity.owner === null) assignFree(joining, identity);
    else if (claim.joins && identity.owner !== plan.person) absorb(joining, identity.id, identity.owner);
  }
}

function assignFree({ claim, plan, held }: Joining, { id, key, names }: ClaimedIdentity): void {
  const isTaken = names && held.has(key);
  if (!isTaken) plan.assign.push(id);
  else if (claim.joins) plan.refused.push({ id, owner: null, reason: 'other_login' });
  if (names) held.add(key);
}

function absorb(joining: Joining, id: string, owner: UserId): void {
  const { claim, plan, held } = joining;
  if (plan.absorb.includes(owner)) return;
  const reason = whyNotAbsorb(joining, owner);
  if (reason !== null) {
    plan.refused.push({ id, owner, reason });
    return;
  }
  const other = claim.factsOf(owner);
  plan.absorb.push(owner);
  for (const key of other.uniqueKeys) held.add(key);
  joining.absorbed += 1 + other.absorbed;
}

function whyNotAbsorb({ claim, usable, plan, held, absorbed }: Joining, owner: UserId): ClaimRefusal | null {
  const other = claim.factsOf(owner);
  if (!isJoinable(claim, usable, owner)) return 'other_login';
  if ([...other.uniqueKeys].some((key) => held.has(key))) return 'other_login';
  if (plan.person !== null) {
    const wasSplit = claim.factsOf(plan.person).splitFrom.has(owner) || other.splitFrom.has(plan.person);
    if (wasSplit) return 'undone_before';
  }
  return absorbed + 1 + other.absorbed > claim.mergesPerUser ? 'too_many_merges' : null;
}

/** Whether the record may take over a person: nobody who has a login, unless it names that login. */
function isJoinable(claim: Claim, usable: readonly ClaimedIdentity[], owner: UserId): boolean {
  if (claim.factsOf(owner).uniqueKeys.size === 0) return true;
  return usable.some((identity) => identity.names && identity.owner === owner);
}
