import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { PROBLEMS, Problem } from '../platform/http-server/problem.js';
import type { WhichMembers } from './core/which-members.js';
import type { MemberSelection } from './data/member-selection.js';
import type { SegmentRun } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';
import { membersDropped } from './http/segment.problems.js';
import { SegmentService } from './segment.service.js';

/** Finds the users of a run, or says why they cannot be told. */
@Injectable()
export class RunMembers {
  constructor(
    private readonly segments: SegmentService,
    private readonly tables: SegmentTables,
  ) {}

  /** @throws Problem where the run is not finished, or the members that it takes are no longer there */
  async select(
    projectId: ProjectId,
    of: { segmentId: string; runId: string },
    which: WhichMembers,
  ): Promise<{ run: SegmentRun; selection: MemberSelection }> {
    const run = await this.segments.getSegmentRun(projectId, of.segmentId, of.runId);
    if (run.state !== 'done')
      throw new Problem(PROBLEMS.conflict, `The run is ${run.state}: it has no members.`);
    const before = which === 'members' ? null : await this.comparedWith(run);
    for (const each of before ? [run, before] : [run]) {
      if (each.membersDroppedAt) throw membersDropped(each.id, each.membersDroppedAt);
    }
    return { run, selection: { which, present: toSet(run), before: before && toSet(before) } };
  }

  private async comparedWith(run: SegmentRun): Promise<SegmentRun | null> {
    return run.comparedRunId === null ? null : this.tables.runs.find(run.projectId, run.comparedRunId);
  }
}

function toSet({ id, attempts }: SegmentRun) {
  return { runId: id, attempt: attempts };
}
