import { Injectable } from '@nestjs/common';
import { type DecodedRecord, OWN_IDENTITY_KEY, type TrackedRecord } from '../kernel/event.js';
import { groupIdentities } from '../kernel/group-identities.js';
import { NO_USER, type ProjectId, type UserId } from '../kernel/ids.js';
import type { MergeMembers } from '../kernel/merge-members.js';
import { mapInTurns } from '../kernel/turns.js';
import type { Sql } from '../platform/db/database.js';
import { metrics } from '../platform/metrics/metrics.js';
import { type Identified, Identities, type Merge, type MergePreview } from './contract.js';
import { finalPersons } from './core/final-persons.js';
import type { GraphChange } from './core/identity-graph.js';
import { isMergeRequest } from './core/merge-request.js';
import { splitAt } from './core/split-at.js';
import { type BatchChanges, BatchHistory } from './data/batch-history.js';
import { GraphWriter } from './data/graph-writer.js';
import { PersonRepository } from './data/person.repository.js';
import { bookOf, GraphLoader, type LoadedRecords, type Rules } from './graph-loader.js';
import { MergeRequests } from './merge-requests.js';
import { OwnerCache } from './owner-cache.js';
import { ProjectRules } from './project-rules.js';

/** The person of each record when it came, and what changed. */
type Resolved = BatchChanges & { userIds: UserId[] };

/** What is kept of a batch is kept of the whole of it only. */
interface BatchPart {
  id: number;
  isPart: boolean;
}

/**
 * Resolves the persons of a batch with one read for all identities that are not in memory, and one transaction for
 * what is new. A project's batches come one at a time (journal lanes), so nothing races with it.
 */
@Injectable()
export class IdentityService extends Identities {
  private readonly cache = new OwnerCache();
  private readonly leases = new Set<number>();

  constructor(
    private readonly persons: PersonRepository,
    private readonly loader: GraphLoader,
    private readonly writer: GraphWriter,
    private readonly history: BatchHistory,
    private readonly rules: ProjectRules,
    private readonly requests: MergeRequests,
  ) {
    super();
  }

  async resolve(
    batch: { id: number; lease: number; mayBeRepeated: boolean },
    records: readonly DecodedRecord[],
    isPart = false,
  ): Promise<Identified> {
    this.noteLease(batch.lease);
    const done = batch.mayBeRepeated && !isPart ? await this.history.usersOf(batch.id) : null;
    const isDone = done?.length === records.length;
    const fresh = isDone ? null : await this.resolveNew({ id: batch.id, isPart }, records);
    const { merges, splits, created } =
      fresh && !batch.mayBeRepeated ? fresh : await this.history.changesOf(batch.id);
    await this.history.publish(batch.id, { merges, splits });
    const tracked = await withUsers(records, fresh?.userIds ?? done ?? [], merges);
    return { records: tracked, merges, splits, created };
  }

  findCurrent(projectId: ProjectId, userId: UserId): Promise<UserId | null> {
    return this.persons.findCurrent(projectId, userId);
  }

  findUsers(
    projectId: ProjectId,
    identities: readonly { key: string; value: string }[],
  ): Promise<(UserId | null)[]> {
    return this.persons.findOwnersOf(projectId, identities);
  }

  findAllCurrent(projectId: ProjectId, userIds: readonly UserId[]): Promise<(UserId | null)[]> {
    return this.persons.findAllCurrent(projectId, userIds);
  }

  async identitiesOf(userId: UserId): Promise<Record<string, string[]>> {
    return groupIdentities(await this.persons.identitiesOf(userId));
  }

  async previewMerge(projectId: ProjectId, members: MergeMembers): Promise<MergePreview> {
    return this.requests.preview(projectId, members, await this.rules.bookOf(projectId));
  }

  /** Behind a new lease another worker may have changed what is in memory. */
  private noteLease(lease: number): void {
    if (this.leases.has(lease)) return;
    this.leases.add(lease);
    this.cache.clear();
  }

  private async resolveNew(batch: BatchPart, records: readonly DecodedRecord[]): Promise<Resolved> {
    const rules = await this.rules.ofBatch(records, () => this.cache.clear());
    return records.some(isMergeRequest)
      ? this.resolveByParts(batch, records, rules)
      : this.resolveAtOnce(batch, records, rules);
  }

  private async resolveAtOnce(
    batch: BatchPart,
    records: readonly DecodedRecord[],
    rules: Rules,
  ): Promise<Resolved> {
    const loaded = await this.loader.load(records, rules, { cache: this.cache });
    const userIds = await this.goThrough(loaded, rules);
    const { change } = loaded.graph;
    const resolved = isEmpty(change)
      ? await this.keepAlone(batch, userIds)
      : await this.save(batch, userIds, change);
    await this.cache.remember(loaded.graph, loaded.read);
    countRefusals(change);
    return resolved;
  }

  private async keepAlone({ id, isPart }: BatchPart, userIds: UserId[]): Promise<Resolved> {
    if (!isPart) await this.history.saveAlone(id, userIds);
    return { userIds, merges: [], splits: [], created: [] };
  }

  private save({ id, isPart }: BatchPart, userIds: UserId[], change: GraphChange): Promise<Resolved> {
    return this.persons.transaction(async (tx) => {
      const merges = await this.writer.save(tx, id, change);
      if (!isPart) await this.history.save(tx, id, userIds);
      return { userIds, merges, splits: [], created: change.created };
    });
  }

  /** What an admin asked for is done between the records before it and those behind it, all in one transaction. */
  private async resolveByParts(
    { id: batchId, isPart }: BatchPart,
    records: readonly DecodedRecord[],
    rules: Rules,
  ): Promise<Resolved> {
    const resolved = await this.persons.transaction(async (tx) => {
      const all: Resolved = { userIds: [], merges: [], splits: [], created: [] };
      for (const part of splitAt(records, isMergeRequest)) {
        await this.resolvePart(tx, { batchId, records: part, rules, all });
      }
      if (!isPart) await this.history.save(tx, batchId, all.userIds);
      return all;
    });
    this.cache.clear();
    return resolved;
  }

  private async resolvePart(
    tx: Sql,
    {
      batchId,
      records,
      rules,
      all,
    }: { batchId: number; records: readonly DecodedRecord[]; rules: Rules; all: Resolved },
  ): Promise<void> {
    const [first] = records;
    if (first && isMergeRequest(first)) {
      const { userId, merges, splits } = await this.requests.run(tx, batchId, first, bookOf(rules, first));
      all.userIds.push(userId);
      all.merges.push(...merges);
      all.splits.push(...splits);
      return;
    }
    const loaded = await this.loader.load(records, rules, { tx });
    all.userIds.push(...(await this.goThrough(loaded, rules, tx)));
    all.merges.push(...(await this.writer.save(tx, batchId, loaded.graph.change)));
    all.created.push(...loaded.graph.change.created);
    countRefusals(loaded.graph.change);
  }

  /** The person of each record, in order; the graph changes on the way. */
  private async goThrough(
    { records, refs, graph }: LoadedRecords,
    rules: Rules,
    tx?: Sql,
  ): Promise<UserId[]> {
    const own = new Set<UserId>();
    for (const { identities } of records) {
      const ownId = identities[OWN_IDENTITY_KEY];
      if (ownId !== undefined) own.add(Number(ownId));
    }
    const merged = await this.persons.findMerged([...own], tx);
    return mapInTurns(records, (record, i) => {
      const ownId = record.identities[OWN_IDENTITY_KEY];
      if (ownId !== undefined) return merged.get(Number(ownId)) ?? Number(ownId);
      return graph.resolve(record, refs[i] ?? [], bookOf(rules, record));
    });
  }
}

function withUsers(
  records: readonly DecodedRecord[],
  userIds: readonly UserId[],
  merges: readonly Merge[],
): Promise<TrackedRecord[]> {
  const final = merges.length === 0 ? userIds : finalPersons(userIds, merges);
  return mapInTurns(records, (record, i) => {
    const userId = final[i] ?? NO_USER;
    const formerUserId = userIds[i] ?? NO_USER;
    return Object.assign(record, userId === formerUserId ? { userId } : { userId, formerUserId });
  });
}

function isEmpty({ created, phases, refused }: GraphChange): boolean {
  return created.length + phases.length + refused.length === 0;
}

function countRefusals({ refused }: GraphChange): void {
  for (const { reason } of refused) {
    metrics.flowOutcome.inc({ flow: 'ingest', step: 'identify', kind: 'refuse', reason });
  }
}
