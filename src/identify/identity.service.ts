import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type DecodedRecord, OWN_IDENTITY_KEY, type TrackedRecord } from '../kernel/event.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import { type Identified, Identities } from './contract.js';
import {
  type GraphChange,
  IdentityGraph,
  type IdentityRef,
  identitiesOf,
  identityId,
} from './core/identity-graph.js';
import { PersonRepository } from './data/person.repository.js';

const CACHE_ENTRIES = 300_000;
const CACHE_MS = 300_000;

interface Owner {
  userId: UserId;
  hasLogin: boolean;
}

/**
 * Resolves the persons of a batch with one read for all identities that are not in memory, and one transaction for
 * what is new. A project's batches come one at a time (journal lanes), so nothing races with it.
 */
@Injectable()
export class IdentityService extends Identities {
  private readonly cache = new LRUCache<string, Owner>({ max: CACHE_ENTRIES, ttl: CACHE_MS });
  /** Persons merged not long ago: what the cache says of them is read again. */
  private readonly merged = new LRUCache<UserId, true>({ max: CACHE_ENTRIES, ttl: CACHE_MS });

  constructor(private readonly repository: PersonRepository) {
    super();
  }

  async resolve(
    batch: { id: number; mayBeRepeated: boolean },
    records: readonly DecodedRecord[],
  ): Promise<Identified> {
    const { graph, ownEvents } = await this.load(records);
    const resolved: TrackedRecord[] = [];
    for (const record of records) {
      const own = record.identities[OWN_IDENTITY_KEY];
      const userId = own === undefined ? graph.resolve(record) : (ownEvents.get(Number(own)) ?? Number(own));
      resolved.push(Object.assign(record, { userId }));
    }
    if (isChanged(graph.change)) await this.repository.save(batch.id, graph.change);
    this.remember(graph);
    const merges = batch.mayBeRepeated ? await this.repository.mergesOfBatch(batch.id) : graph.change.merged;
    if (merges.length > 0) {
      await this.repository.publishAliases(batch.id, [...new Set(merges.map(({ into }) => into))]);
      await this.moveToMerged(resolved, merges);
    }
    return {
      records: resolved,
      merges: merges.map(({ projectId, from, into }) => ({ projectId, from, into })),
      created: batch.mayBeRepeated ? await this.repository.personsOfBatch(batch.id) : graph.change.created,
    };
  }

  async findUser(projectId: ProjectId, identity: { key: string; value: string }): Promise<UserId | null> {
    const [owner] = await this.repository.findOwners([{ projectId, ...identity }]);
    return owner?.userId ?? null;
  }

  async canonical(userIds: readonly UserId[]): Promise<Map<UserId, UserId>> {
    const merged = await this.repository.findMerged(userIds);
    return new Map(userIds.map((userId) => [userId, merged.get(userId) ?? userId]));
  }

  async identitiesOf(userId: UserId): Promise<Record<string, string[]>> {
    const byKey: Record<string, string[]> = {};
    for (const { key, value } of await this.repository.identitiesOf(userId)) {
      byKey[key] = [...(byKey[key] ?? []), value];
    }
    return byKey;
  }

  private async load(records: readonly DecodedRecord[]) {
    const unknown = new Map<string, IdentityRef>();
    const known = new Map<string, Owner>();
    const own = new Set<UserId>();
    for (const record of records) {
      const ownId = record.identities[OWN_IDENTITY_KEY];
      if (ownId !== undefined) {
        own.add(Number(ownId));
        continue;
      }
      for (const ref of identitiesOf(record)) {
        const id = identityId(ref);
        const owner = this.cache.get(id);
        if (owner && !this.merged.has(owner.userId)) known.set(id, owner);
        else unknown.set(id, ref);
      }
    }
    const owners = await this.repository.findOwners([...unknown.values()]);
    const reserved = await this.reserve(unknown.size - owners.length, records);
    const graph = new IdentityGraph(() => {
      const userId = reserved.pop();
      if (userId === undefined) throw new Error('More new persons than records in one batch.');
      return userId;
    });
    for (const [id, owner] of known) graph.learn(id, owner.userId, owner.hasLogin);
    for (const owner of owners) graph.learn(identityId(owner), owner.userId, owner.hasLogin);
    return { graph, ownEvents: await this.repository.findMerged([...own]) };
  }

  /** Numbers for as many persons as the batch can make; those not used are never used. */
  private async reserve(unknownIdentities: number, records: readonly DecodedRecord[]): Promise<UserId[]> {
    const unbinds = records.filter(({ type }) => type === 'unbind').length;
    const logins = records.filter(({ type }) => type === 'identify').length;
    const count = Math.min(records.length, unknownIdentities + unbinds * 2 + logins);
    return count === 0 ? [] : (await this.repository.reserveUserIds(count)).reverse();
  }

  private remember(graph: IdentityGraph): void {
    for (const { from } of graph.change.merged) this.merged.set(from, true);
    for (const ref of graph.change.removed) this.cache.delete(identityId(ref));
    for (const id of graph.ids()) {
      const userId = graph.ownerOf(id);
      if (userId !== null) this.cache.set(id, { userId, hasLogin: graph.hasLogin(userId) });
    }
  }

  /** Records that came before the merge within the same batch are stored with the merged person at once. */
  private async moveToMerged(
    records: TrackedRecord[],
    merges: readonly { from: UserId; into: UserId }[],
  ): Promise<void> {
    const touched = new Set(merges.flatMap(({ from, into }) => [from, into]));
    const ids = [...new Set(records.map(({ userId }) => userId))].filter((userId) => touched.has(userId));
    const merged = await this.repository.findMerged(ids);
    for (const record of records) record.userId = merged.get(record.userId) ?? record.userId;
  }
}

function isChanged(change: GraphChange): boolean {
  return change.created.length + change.assigned.length + change.merged.length + change.removed.length > 0;
}
