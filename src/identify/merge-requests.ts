import { Injectable } from '@nestjs/common';
import type { DecodedRecord } from '../kernel/event.js';
import { NO_USER, type ProjectId, type UserId } from '../kernel/ids.js';
import type { MergeMembers } from '../kernel/merge-members.js';
import type { Sql } from '../platform/db/database.js';
import type { Merge, MergePreview, MergeRefusal, Split } from './contract.js';
import type { RuleBook } from './core/identity-rules.js';
import { type MergeRequest, readMergeRequest } from './core/merge-request.js';
import { GraphWriter } from './data/graph-writer.js';
import { MergeLogRepository } from './data/merge-log.repository.js';
import { MergeUndo } from './data/merge-undo.js';
import { MergePlanner } from './merge-planner.js';

/** What a request has done. */
export interface RequestOutcome {
  userId: UserId;
  merges: Merge[];
  splits: Split[];
}

type Asked<Kind extends MergeRequest['kind']> = Extract<MergeRequest, { kind: Kind }>;

/** Does what admins asked for, in its place among the records of the project, and notes what became of it. */
@Injectable()
export class MergeRequests {
  constructor(
    private readonly planner: MergePlanner,
    private readonly writer: GraphWriter,
    private readonly undo: MergeUndo,
    private readonly log: MergeLogRepository,
  ) {}

  /** What a merge would do now; changes nothing. */
  async preview(projectId: ProjectId, members: MergeMembers, rules: RuleBook): Promise<MergePreview> {
    return (await this.planner.plan(projectId, members, rules)).preview;
  }

  /** @param tx the transaction of the batch; a request that was done before does nothing */
  async run(tx: Sql, batchId: number, record: DecodedRecord, rules: RuleBook): Promise<RequestOutcome> {
    const request = readMergeRequest(record);
    const nothing: RequestOutcome = { userId: NO_USER, merges: [], splits: [] };
    if (!request || (await this.log.hasRequest(tx, request.id))) return nothing;
    return request.kind === 'merge'
      ? this.merge(tx, batchId, { record, request, rules })
      : this.takeBack(tx, batchId, { record, request });
  }

  private async merge(
    tx: Sql,
    batchId: number,
    { record, request, rules }: { record: DecodedRecord; request: Asked<'merge'>; rules: RuleBook },
  ): Promise<RequestOutcome> {
    const { graph, plan, refs, preview } = await this.planner.plan(record.projectId, request, rules, tx);
    let merges: Merge[] = [];
    if (preview.refusals.length === 0) {
      graph.apply(plan, refs, record);
      merges = await this.writer.save(tx, batchId, graph.change, request.by);
    }
    const mergeIds = merges.map(({ id }) => id);
    await this.settle(
      tx,
      { batchId, projectId: record.projectId },
      { request, refusals: preview.refusals, mergeIds },
    );
    return { userId: preview.into ?? NO_USER, merges, splits: [] };
  }

  private async takeBack(
    tx: Sql,
    batchId: number,
    { record, request }: { record: DecodedRecord; request: Asked<'undo'> },
  ): Promise<RequestOutcome> {
    const { by, mergeId } = request;
    const split = await this.undo.undo(tx, { batchId, projectId: record.projectId, mergeId, by });
    if (typeof split === 'string') {
      const refusals = [{ reason: split, identity: null, userId: null }];
      await this.settle(
        tx,
        { batchId, projectId: record.projectId },
        { request, refusals, mergeIds: [mergeId] },
      );
      return { userId: NO_USER, merges: [], splits: [] };
    }
    await this.settle(
      tx,
      { batchId, projectId: record.projectId },
      { request, refusals: [], mergeIds: [mergeId] },
    );
    return { userId: split.restored, merges: [], splits: [split] };
  }

  private settle(
    tx: Sql,
    place: { batchId: number; projectId: ProjectId },
    { request, refusals, mergeIds }: { request: MergeRequest; refusals: MergeRefusal[]; mergeIds: number[] },
  ): Promise<void> {
    const state = refusals.length === 0 ? 'done' : 'refused';
    const { id, kind, by } = request;
    return this.log.saveRequest(tx, { ...place, by }, { id, kind, state, refusals, mergeIds });
  }
}
