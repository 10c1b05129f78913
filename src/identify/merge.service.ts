import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../kernel/ids.js';
import type { MergeMembers } from '../kernel/merge-members.js';
import { Clock } from '../platform/clock/clock.js';
import { MergeRequestSink } from './contract.js';
import { type MergeRequest, toJournalItem } from './core/merge-request.js';
import { MergeLogRepository, type MergeRequestResult } from './data/merge-log.repository.js';

/** A request that has not had its turn yet. */
export interface PendingRequest {
  id: string;
  kind: MergeRequest['kind'];
  state: 'pending';
}

const WAIT_MS = 5_000;
const LOOK_MS = 50;

/** Takes merges that admins ask for. They have their turn behind the records that came before them. */
@Injectable()
export class MergeService {
  constructor(
    private readonly sink: MergeRequestSink,
    private readonly log: MergeLogRepository,
    private readonly clock: Clock,
  ) {}

  merge(
    projectId: ProjectId,
    by: string,
    members: MergeMembers,
  ): Promise<MergeRequestResult | PendingRequest> {
    return this.submit(projectId, { kind: 'merge', id: this.newId(), by, ...members });
  }

  undo(projectId: ProjectId, by: string, mergeId: number): Promise<MergeRequestResult | PendingRequest> {
    return this.submit(projectId, { kind: 'undo', id: this.newId(), by, mergeId });
  }

  private async submit(
    projectId: ProjectId,
    request: MergeRequest,
  ): Promise<MergeRequestResult | PendingRequest> {
    const submittedAt = this.clock.now();
    await this.sink.submit(projectId, toJournalItem(request, submittedAt));
    while (this.clock.now() - submittedAt < WAIT_MS) {
      const result = await this.log.findRequest(projectId, request.id);
      if (result) return result;
      await sleep(LOOK_MS);
    }
    return { id: request.id, kind: request.kind, state: 'pending' };
  }

  private newId(): string {
    return newId('mergeRequest', this.clock.now());
  }
}
