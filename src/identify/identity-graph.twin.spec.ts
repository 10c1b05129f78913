import fc from 'fast-check';
import {
  HISTORY,
  NaiveIdentities,
  type Step,
  toRecord,
  UNIQUE_KEYS,
} from '../../test/support/identity-twin.js';
import type { UserId } from '../kernel/ids.js';
import { finalPersons } from './core/final-persons.js';
import { identitiesOfRecord } from './core/identities-of-record.js';
import { IdentityGraph } from './core/identity-graph.js';
import { DEFAULT_RULES, RuleBook } from './core/identity-rules.js';
import { keySet } from './core/key-set.js';
import { OwnerCache } from './owner-cache.js';

const RULES = new RuleBook({ ...DEFAULT_RULES, claimsPerValue: 1_000 }, UNIQUE_KEYS);

/** The tables of the graph in memory, and a process with its cache before them. */
class GraphInMemory {
  readonly owners = new Map<string, UserId>();
  readonly events = new Map<string, UserId>();
  readonly merges: { from: UserId; into: UserId }[] = [];
  private readonly done = new Set<string>();
  private readonly cache = new OwnerCache(10);
  private nextId = 1;

  async run(steps: readonly (Step & { eventId: string })[]): Promise<void> {
    const records = steps.map((of) => toRecord(of, 1, of.eventId));
    const refs = records.map((record) => identitiesOfRecord(record, RULES));
    const graph = new IdentityGraph(() => this.nextId++, new Set(this.done));
    const read: string[] = [];
    for (const { id } of refs.flat()) {
      if (graph.knows(id) || this.cache.teach(graph, id)) continue;
      read.push(id);
      const owner = this.owners.get(id) ?? null;
      graph.learn(id, { owner, apart: null });
      if (owner !== null) graph.learnPerson(owner, this.factsOf(owner));
    }
    const userIds = records.map((record, i) => graph.resolve(record, refs[i] ?? [], RULES));
    this.save(graph);
    await this.cache.remember(graph, read);
    for (const [i, userId] of userIds.entries()) {
      const record = records[i];
      if (record && record.type !== 'unbind') this.events.set(record.eventId, userId);
    }
  }

  /** Event ids by person, merges followed. */
  groups(): string[][] {
    const eventIds = [...this.events.keys()];
    const persons = finalPersons([...this.events.values()], this.merges);
    const groups = new Map<UserId, string[]>();
    for (const [i, person] of persons.entries()) {
      groups.set(person, [...(groups.get(person) ?? []), eventIds[i] ?? ''].sort());
    }
    return [...groups.values()];
  }

  identities(): string[][] {
    const groups = new Map<UserId, string[]>();
    for (const [id, owner] of this.owners) {
      const [, key, value] = id.split('\u0000');
      groups.set(owner, [...(groups.get(owner) ?? []), `${key} ${value}`].sort());
    }
    return [...groups.values()];
  }

  private save(graph: IdentityGraph): void {
    for (const { assigned, merged, removed } of graph.change.phases) {
      for (const { identity, userId } of assigned) this.owners.set(identity.id, userId);
      for (const { from, into } of merged) {
        this.merges.push({ from, into });
        for (const [id, owner] of this.owners) if (owner === from) this.owners.set(id, into);
      }
      for (const { identity, eventId } of removed) {
        this.owners.delete(identity.id);
        this.done.add(eventId);
      }
    }
  }

  private factsOf(userId: UserId) {
    const keys = [...this.owners]
      .filter(([, owner]) => owner === userId)
      .map(([id]) => id.split('\u0000')[1]);
    return {
      uniqueKeys: keySet(UNIQUE_KEYS.filter((key) => keys.includes(key))),
      absorbed: 0,
      splitFrom: new Set<UserId>(),
    };
  }
}

const sorted = (groups: readonly string[][]) => groups.map((group) => group.join(',')).sort();

async function play(history: readonly (readonly Step[])[]) {
  const graph = new GraphInMemory();
  const naive = new NaiveIdentities();
  for (const [b, batch] of history.entries()) {
    const steps = batch.map((of, i) => ({ ...of, eventId: `e${b}-${i}` }));
    await graph.run(steps);
    for (const of of steps) naive.take(of);
  }
  return { graph, naive };
}

describe('the identity graph', () => {
  it('groups events and identities as one record at a time over plain sets does', async () => {
    await fc.assert(
      fc.asyncProperty(HISTORY, async (history) => {
        const { graph, naive } = await play(history);
        expect(sorted(graph.groups())).toEqual(sorted(naive.groups()));
        expect(sorted(graph.identities())).toEqual(sorted(naive.identities()));
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives no user two logins, and no identity or event away', async () => {
    await fc.assert(
      fc.asyncProperty(HISTORY, async (history) => {
        const { graph } = await play(history);
        for (const identities of graph.identities()) {
          for (const key of UNIQUE_KEYS) {
            expect(identities.filter((name) => name.startsWith(`${key} `)).length).toBeLessThanOrEqual(1);
          }
        }
        const sent = history.flat().filter(({ type }) => type !== 'unbind').length;
        expect(graph.groups().flat()).toHaveLength(sent);
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on where the batches are cut', async () => {
    await fc.assert(
      fc.asyncProperty(HISTORY, async (history) => {
        const named = history.flat().map((of, i) => ({ ...of, eventId: `e${i}` }));
        const [whole, single] = [new GraphInMemory(), new GraphInMemory()];
        await whole.run(named);
        for (const of of named) await single.run([of]);
        expect(sorted(whole.groups())).toEqual(sorted(single.groups()));
        expect(sorted(whole.identities())).toEqual(sorted(single.identities()));
      }),
      { numRuns: 500 },
    );
  });
});
