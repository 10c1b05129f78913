import { Injectable } from '@nestjs/common';
import { type DecodedRecord, OWN_IDENTITY_KEY } from '../kernel/event.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import { forEachInTurns, mapInTurns } from '../kernel/turns.js';
import type { Sql } from '../platform/db/database.js';
import { type IdentityRef, identitiesOfRecord, identityId } from './core/identities-of-record.js';
import { IdentityGraph } from './core/identity-graph.js';
import type { RuleBook } from './core/identity-rules.js';
import { keySet } from './core/key-set.js';
import { PersonRepository } from './data/person.repository.js';
import type { OwnerCache } from './owner-cache.js';

export type Rules = ReadonlyMap<ProjectId, RuleBook>;

/** Records whose identities are known, ready to be gone through in order. */
export interface LoadedRecords {
  records: readonly DecodedRecord[];
  /** The identities of each record; none for one that names its user by number. */
  refs: readonly (readonly IdentityRef[])[];
  graph: IdentityGraph;
  /** The identities that were not in memory. */
  read: readonly string[];
}

/** Reads the part of the identity graph that some records touch. */
@Injectable()
export class GraphLoader {
  constructor(private readonly persons: PersonRepository) {}

  /**
   * @param from what is in memory; or a transaction that has changed what memory does not know of yet
   */
  async load(
    records: readonly DecodedRecord[],
    rules: Rules,
    from: { cache: OwnerCache } | { tx: Sql },
  ): Promise<LoadedRecords> {
    const cache = 'cache' in from ? from.cache : null;
    const tx = 'tx' in from ? from.tx : undefined;
    const refs = await mapInTurns(records, (record) => refsOf(record, rules));
    const unbinds = records.filter(({ type }) => type === 'unbind');
    const done = await this.persons.findUnbound(unbinds, tx);
    const reserved: UserId[] = [];
    const graph = new IdentityGraph(() => takeFrom(reserved), done);
    const unknown = await learnKnown(graph, refs, cache);
    const unowned = await this.learn(graph, unknown, rules, tx);
    // A new person always comes with an identity that nobody has, or that an unbind of these records sets free.
    const released = refs.reduce((n, { length }, i) => n + (records[i]?.type === 'unbind' ? length : 0), 0);
    reserved.push(...(await this.persons.reserveUserIds(unowned + released)).reverse());
    return { records, refs, graph, read: [...unknown.keys()] };
  }

  /** Reads identities into the graph. @returns how many of them nobody has */
  private async learn(
    graph: IdentityGraph,
    unknown: ReadonlyMap<string, IdentityRef>,
    rules: Rules,
    tx: Sql | undefined,
  ): Promise<number> {
    if (unknown.size === 0) return 0;
    const uniqueKeys = new Set([...rules.values()].flatMap((book) => [...book.uniqueKeys]));
    const owned = await this.persons.findOwners([...unknown.values()], [...uniqueKeys], tx);
    for (const [id, ref] of unknown) {
      graph.learn(id, { owner: null, apart: bookOf(rules, ref).whyApart(ref, 0) });
    }
    for (const { projectId, key, value, userId, claims, facts } of owned) {
      const book = bookOf(rules, { projectId });
      const apart = book.whyApart({ key, value }, claims);
      graph.learn(identityId(projectId, key, value), { owner: userId, apart });
      // A key may be unique in another project of the batch only.
      const ownKeys = keySet([...facts.uniqueKeys].filter((uniqueKey) => book.isUnique(uniqueKey)));
      graph.learnPerson(userId, { ...facts, uniqueKeys: ownKeys });
    }
    return unknown.size - owned.length;
  }
}

/** @throws where the project of a record has no rules: they are read for every project of the batch */
export function bookOf(rules: Rules, { projectId }: { projectId: ProjectId }): RuleBook {
  const book = rules.get(projectId);
  if (!book) throw new Error(`The rules of project ${projectId} were not read.`);
  return book;
}

function refsOf(record: DecodedRecord, rules: Rules): readonly IdentityRef[] {
  return record.identities[OWN_IDENTITY_KEY] === undefined
    ? identitiesOfRecord(record, bookOf(rules, record))
    : [];
}

/** Takes over what is in memory. @returns the identities that are not */
async function learnKnown(
  graph: IdentityGraph,
  refs: LoadedRecords['refs'],
  cache: OwnerCache | null,
): Promise<Map<string, IdentityRef>> {
  const unknown = new Map<string, IdentityRef>();
  await forEachInTurns(refs, (ofRecord) => {
    for (const ref of ofRecord) {
      if (!graph.knows(ref.id) && !cache?.teach(graph, ref.id)) unknown.set(ref.id, ref);
    }
  });
  return unknown;
}

function takeFrom(reserved: UserId[]): UserId {
  const userId = reserved.pop();
  if (userId === undefined) throw new Error('More new persons than identities without an owner.');
  return userId;
}
