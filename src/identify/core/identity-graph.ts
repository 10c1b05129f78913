import type { DecodedRecord } from '../../kernel/event.js';
import { NO_USER, type ProjectId, type UserId } from '../../kernel/ids.js';
import type { ClaimRefusal } from '../../kernel/reasons.js';
import type { IdentityRef } from './identities-of-record.js';
import { DEVICE_KEYS, LOGIN_KEY, type RuleBook } from './identity-rules.js';
import { keySet } from './key-set.js';
import { type ClaimedIdentity, type MergePlan, mergeIdentity, type PersonFacts } from './merge-identity.js';

/** Changes that can be written one kind after the other: assigned, merged, removed. */
export interface GraphPhase {
  assigned: { identity: IdentityRef; userId: UserId }[];
  merged: MergeNote[];
  removed: { identity: IdentityRef; userId: UserId; eventId: string }[];
}

export interface MergeNote {
  projectId: ProjectId;
  from: UserId;
  into: UserId;
  eventId: string;
  event: string;
}

export interface RefusedClaim {
  identity: IdentityRef;
  /** The user who claimed it. */
  userId: UserId;
  /** The user who has it. */
  ownerId: UserId | null;
  reason: ClaimRefusal;
  eventId: string;
}

/** What one batch changes in the graph, to be written in one transaction. */
export interface GraphChange {
  created: { projectId: ProjectId; userId: UserId }[];
  /** In order: an unbind ends a phase. */
  phases: GraphPhase[];
  refused: RefusedClaim[];
}

/** What is known of an identity. */
export interface GraphNode {
  owner: UserId | null;
  /** Why it may join nobody; null: it may. */
  apart: ClaimRefusal | null;
}

/** What a record or a request claims. */
interface ClaimSource {
  projectId: ProjectId;
  eventId: string;
  event: string;
}

const NO_FACTS: PersonFacts = { uniqueKeys: new Set(), absorbed: 0, splitFrom: new Set() };

/**
 * The part of the identity graph that one batch touches, kept in memory while its records are gone through in order.
 * What was known before comes in by `learn` and `learnPerson`; what the batch changes comes out as `change`.
 */
export class IdentityGraph {
  readonly change: GraphChange = { created: [], phases: [], refused: [] };
  private readonly nodes = new Map<string, GraphNode>();
  private readonly persons = new Map<UserId, PersonFacts>();
  private readonly redirects = new Map<UserId, UserId>();

  /**
   * @param nextUserId gives numbers for new persons
   * @param done event ids of unbinds that were done in another batch
   */
  constructor(
    private readonly nextUserId: () => UserId,
    private readonly done: Set<string> = new Set(),
  ) {}

  learn(id: string, node: GraphNode): void {
    this.nodes.set(id, node);
  }

  learnPerson(userId: UserId, facts: PersonFacts): void {
    this.persons.set(userId, facts);
  }

  knows(id: string): boolean {
    return this.nodes.has(id);
  }

  /** Every identity that the batch touched. */
  ids(): IterableIterator<string> {
    return this.nodes.keys();
  }

  nodeOf(id: string): GraphNode | undefined {
    return this.nodes.get(id);
  }

  get hasMerged(): boolean {
    return this.redirects.size > 0;
  }

  factsOf(userId: UserId): PersonFacts {
    return this.persons.get(userId) ?? NO_FACTS;
  }

  /** The person that one is now, after what the batch merged. */
  current(userId: UserId): UserId {
    let current = userId;
    for (let next = this.redirects.get(current); next !== undefined; next = this.redirects.get(current))
      current = next;
    return current;
  }

  ownerOf(id: string): UserId | null {
    const owner = this.nodes.get(id)?.owner ?? null;
    return owner === null ? null : this.current(owner);
  }

  /** The person of a record; changes the graph as the record says. */
  resolve(record: DecodedRecord, refs: readonly IdentityRef[], rules: RuleBook): UserId {
    if (record.type === 'unbind') return this.unbind(record, refs);
    const joins = record.type === 'identify';
    if (!joins) {
      const sole = this.soleOwner(refs);
      if (sole !== null) return sole;
    }
    const ordered = loginFirst(refs, record.loginKey ?? LOGIN_KEY);
    return this.apply(this.plan(ordered, joins, rules), ordered, record);
  }

  /** What joining these would do; changes nothing. `named` are users whom an admin names, before the identities. */
  plan(
    refs: readonly IdentityRef[],
    joins: boolean,
    rules: RuleBook,
    named: readonly UserId[] = [],
  ): MergePlan {
    const identities = refs.map((ref): ClaimedIdentity => {
      const apart = this.nodes.get(ref.id)?.apart ?? null;
      return { id: ref.id, key: ref.key, owner: this.ownerOf(ref.id), names: rules.isUnique(ref.key), apart };
    });
    return mergeIdentity({
      identities: [...named.map(toNamed), ...identities],
      joins,
      factsOf: (userId) => this.factsOf(userId),
      mergesPerUser: rules.mergesPerUser,
    });
  }

  /** Carries a plan out. @returns the person of its claim */
  apply(plan: MergePlan, refs: readonly IdentityRef[], source: ClaimSource): UserId {
    const person = plan.person ?? this.create(source.projectId);
    for (const ref of refs) if (plan.assign.includes(ref.id)) this.assign(ref, person);
    for (const from of plan.absorb) this.merge({ ...source, from, into: person });
    for (const { id, owner, reason } of plan.refused) {
      const identity = refs.find((ref) => ref.id === id);
      if (identity)
        this.refuse({ identity, userId: person, ownerId: owner, reason, eventId: source.eventId });
    }
    return person;
  }

  /** The one person who has every identity of a plain event: by far the most records need no more. */
  private soleOwner(refs: readonly IdentityRef[]): UserId | null {
    let sole: UserId | null = null;
    for (const { id } of refs) {
      const node = this.nodes.get(id);
      if (!node || node.owner === null || node.apart !== null) return null;
      const owner = this.current(node.owner);
      if (sole !== null && sole !== owner) return null;
      sole = owner;
    }
    return sole;
  }

  private create(projectId: ProjectId): UserId {
    const userId = this.nextUserId();
    this.change.created.push({ projectId, userId });
    return userId;
  }

  private assign(identity: IdentityRef, userId: UserId): void {
    this.nodes.set(identity.id, { owner: userId, apart: this.nodes.get(identity.id)?.apart ?? null });
    this.openPhase().assigned.push({ identity, userId });
    if (identity.isUnique) {
      const facts = this.factsOf(userId);
      this.persons.set(userId, { ...facts, uniqueKeys: keySet([...facts.uniqueKeys, identity.key]) });
    }
  }

  private merge({ projectId, from, into, eventId, event }: MergeNote): void {
    const [ours, theirs] = [this.factsOf(into), this.factsOf(from)];
    this.persons.set(into, {
      uniqueKeys: keySet([...ours.uniqueKeys, ...theirs.uniqueKeys]),
      absorbed: ours.absorbed + 1 + theirs.absorbed,
      splitFrom: new Set([...ours.splitFrom, ...theirs.splitFrom]),
    });
    this.persons.delete(from);
    this.redirects.set(from, into);
    this.openPhase().merged.push({ projectId, from, into, eventId, event });
  }

  private refuse(claim: RefusedClaim): void {
    this.change.refused.push(claim);
  }

  /** An SDK sends a batch again when it got no answer: an unbind done twice must not meet the next owner. */
  private unbind({ eventId }: DecodedRecord, refs: readonly IdentityRef[]): UserId {
    const person = refs[0] ? (this.ownerOf(refs[0].id) ?? NO_USER) : NO_USER;
    if (this.done.has(eventId)) return person;
    this.done.add(eventId);
    for (const identity of refs) {
      const owner = this.ownerOf(identity.id);
      if (owner === null || owner !== person) continue;
      if (DEVICE_KEYS.has(identity.key) && !identity.isCopy) {
        this.refuse({ identity, userId: owner, ownerId: owner, reason: 'key_not_unbindable', eventId });
        continue;
      }
      this.remove(identity, owner, eventId);
    }
    return person;
  }

  private remove(identity: IdentityRef, userId: UserId, eventId: string): void {
    this.nodes.set(identity.id, { owner: null, apart: this.nodes.get(identity.id)?.apart ?? null });
    if (identity.isUnique) {
      const facts = this.factsOf(userId);
      const uniqueKeys = keySet([...facts.uniqueKeys].filter((key) => key !== identity.key));
      this.persons.set(userId, { ...facts, uniqueKeys });
    }
    this.lastPhase().removed.push({ identity, userId, eventId });
  }

  /** The phase to assign and merge in: what comes behind an unbind must be written behind it. */
  private openPhase(): GraphPhase {
    const last = this.change.phases.at(-1);
    return last && last.removed.length === 0 ? last : this.newPhase();
  }

  private lastPhase(): GraphPhase {
    return this.change.phases.at(-1) ?? this.newPhase();
  }

  private newPhase(): GraphPhase {
    const phase: GraphPhase = { assigned: [], merged: [], removed: [] };
    this.change.phases.push(phase);
    return phase;
  }
}

function toNamed(userId: UserId): ClaimedIdentity {
  return { id: `user ${userId}`, key: '', owner: userId, names: true, apart: null };
}

function loginFirst(refs: readonly IdentityRef[], loginKey: string): readonly IdentityRef[] {
  const at = refs.findIndex(({ key }) => key === loginKey);
  const login = refs[at];
  return at <= 0 || !login ? refs : [login, ...refs.slice(0, at), ...refs.slice(at + 1)];
}
