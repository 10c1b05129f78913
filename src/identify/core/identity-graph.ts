import type { DecodedRecord } from '../../kernel/event.js';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { mergeIdentity } from './merge-identity.js';

export const LOGIN_KEY = '$identity_login_id';

/** One identity in the graph. */
export interface IdentityRef {
  projectId: ProjectId;
  key: string;
  value: string;
}

export function identityId({ projectId, key, value }: IdentityRef): string {
  return `${projectId}\u0000${key}\u0000${value}`;
}

/** What one batch changes in the graph, to be written in one transaction. */
export interface GraphChange {
  created: { projectId: ProjectId; userId: UserId }[];
  assigned: { identity: IdentityRef; userId: UserId }[];
  removed: IdentityRef[];
  merged: { projectId: ProjectId; from: UserId; into: UserId; eventId: string }[];
  loggedIn: UserId[];
}

/**
 * The part of the identity graph that one batch touches, kept in memory while its records are gone through in order.
 * What was known before comes in by `learn`; what the batch changes comes out as `change`.
 */
export class IdentityGraph {
  readonly change: GraphChange = { created: [], assigned: [], removed: [], merged: [], loggedIn: [] };
  private readonly owners = new Map<string, UserId>();
  private readonly loggedIn = new Set<UserId>();
  private readonly redirects = new Map<UserId, UserId>();

  /** @param nextUserId gives numbers for new persons */
  constructor(private readonly nextUserId: () => UserId) {}

  learn(id: string, owner: UserId, hasLogin: boolean): void {
    this.owners.set(id, owner);
    if (hasLogin) this.loggedIn.add(owner);
  }

  ownerOf(id: string): UserId | null {
    const owner = this.owners.get(id);
    return owner === undefined ? null : this.current(owner);
  }

  /** Every identity that the batch touched and that somebody has. */
  ids(): IterableIterator<string> {
    return this.owners.keys();
  }

  hasLogin(userId: UserId): boolean {
    return this.loggedIn.has(userId);
  }

  /** The person of a record; changes the graph as the record says. */
  resolve(record: DecodedRecord): UserId {
    const { projectId } = record;
    const refs = identitiesOf(record);
    const claims = refs.map((ref) => ({ id: identityId(ref), ref }));
    const login = claims.find(({ ref }) => ref.key === LOGIN_KEY);
    const plan = mergeIdentity({
      login: login ? { id: login.id, owner: this.ownerOf(login.id) } : null,
      others: claims.filter((claim) => claim !== login).map(({ id }) => ({ id, owner: this.ownerOf(id) })),
      loggedIn: this.loggedIn,
      joins: record.type === 'identify',
    });
    const person = plan.person ?? this.create(projectId);
    for (const id of plan.assign) {
      const claim = claims.find((candidate) => candidate.id === id);
      if (claim) this.assign(id, claim.ref, person);
    }
    for (const from of plan.absorb) this.merge(projectId, from, person, record.eventId);
    if (record.type === 'unbind') this.unbind(refs, person);
    return person;
  }

  private create(projectId: ProjectId): UserId {
    const userId = this.nextUserId();
    this.change.created.push({ projectId, userId });
    return userId;
  }

  private assign(id: string, ref: IdentityRef, userId: UserId): void {
    this.owners.set(id, userId);
    this.change.assigned.push({ identity: ref, userId });
    if (ref.key === LOGIN_KEY && !this.loggedIn.has(userId)) {
      this.loggedIn.add(userId);
      this.change.loggedIn.push(userId);
    }
  }

  private merge(projectId: ProjectId, from: UserId, into: UserId, eventId: string): void {
    this.redirects.set(from, into);
    this.change.merged.push({ projectId, from, into, eventId });
  }

  private unbind(refs: readonly IdentityRef[], person: UserId): void {
    for (const ref of refs) {
      const id = identityId(ref);
      if (this.ownerOf(id) !== person) continue;
      this.owners.delete(id);
      this.change.removed.push(ref);
    }
  }

  private current(userId: UserId): UserId {
    let current = userId;
    for (let next = this.redirects.get(current); next !== undefined; next = this.redirects.get(current))
      current = next;
    return current;
  }
}

/** The identities of a record; for a login, the anonymous id that it takes over comes with them. */
export function identitiesOf(record: DecodedRecord): IdentityRef[] {
  const refs: IdentityRef[] = [];
  for (const key in record.identities) {
    refs.push({ projectId: record.projectId, key, value: record.identities[key] ?? '' });
  }
  if (record.originalId !== null && !refs.some(({ value }) => value === record.originalId)) {
    refs.push({ projectId: record.projectId, key: ANONYMOUS_KEY, value: record.originalId });
  }
  return refs;
}

/** Key of a distinct id that an SDK without IDM 3 uses before login. */
export const ANONYMOUS_KEY = '$identity_anonymous_id';
