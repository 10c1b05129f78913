import { LRUCache } from 'lru-cache';
import type { UserId } from '../kernel/ids.js';
import { Lazy } from '../kernel/lazy.js';
import { forEachInTurns } from '../kernel/turns.js';
import type { GraphNode, IdentityGraph } from './core/identity-graph.js';
import type { PersonFacts } from './core/merge-identity.js';

/** Identities, and as many persons: about 35 MB. */
const ENTRIES = 100_000;
const KEPT_MS = 300_000;

/**
 * Owners of identities, in memory. What is known of a person is kept once, not with each identity: an identity whose
 * person is not here, because they were merged or are long gone, is read again.
 */
export class OwnerCache {
  private readonly known: Lazy<{
    nodes: LRUCache<string, GraphNode>;
    persons: LRUCache<UserId, PersonFacts>;
  }>;

  constructor(max = ENTRIES) {
    const limits = { max, ttl: KEPT_MS };
    this.known = new Lazy(() => ({ nodes: new LRUCache(limits), persons: new LRUCache(limits) }));
  }

  /** Tells the graph what is known of an identity and of its owner. @returns false where that is not in memory */
  teach(graph: IdentityGraph, id: string): boolean {
    const node = this.known.value.nodes.get(id);
    if (!node || node.owner === null) return false;
    const facts = this.known.value.persons.get(node.owner);
    if (!facts) return false;
    graph.learn(id, node);
    graph.learnPerson(node.owner, facts);
    return true;
  }

  /**
   * Takes over what a batch has found and changed, once that is saved.
   * @param read the identities that `teach` knew nothing of
   */
  async remember(graph: IdentityGraph, read: readonly string[]): Promise<void> {
    for (const { merged, removed } of graph.change.phases) {
      for (const { from } of merged) this.known.value.persons.delete(from);
      // They may have lost a login without any identity of theirs being among those of the batch any more.
      for (const { userId } of removed) this.known.value.persons.delete(userId);
    }
    await forEachInTurns(graph.hasMerged ? graph.ids() : new Set([...read, ...changedIds(graph)]), (id) => {
      const node = graph.nodeOf(id);
      const owner = graph.ownerOf(id);
      if (!node || owner === null) {
        this.known.value.nodes.delete(id);
        return;
      }
      this.known.value.nodes.set(id, { ...node, owner });
      this.known.value.persons.set(owner, graph.factsOf(owner));
    });
    // How many claimed an identity in vain has changed.
    for (const { identity } of graph.change.refused) this.known.value.nodes.delete(identity.id);
  }

  clear(): void {
    this.known.value.nodes.clear();
    this.known.value.persons.clear();
  }
}

function* changedIds({ change }: IdentityGraph): Generator<string> {
  for (const { assigned, removed } of change.phases) {
    for (const { identity } of assigned) yield identity.id;
    for (const { identity } of removed) yield identity.id;
  }
}
