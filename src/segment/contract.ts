import type { ProjectId, UserId } from '../kernel/ids.js';
import type { UpkeepTask } from '../kernel/upkeep.js';

/** A finished run of a segment, with its members. */
export interface SegmentRunRef {
  runId: string;
  segmentId: string;
  projectId: ProjectId;
  /** The moment as of which the members were computed, ms since 1970. */
  asOf: number;
  memberCount: number;
}

export abstract class Segments {
  /** The newest finished run; null where there is none. */
  abstract latestRun(projectId: ProjectId, segmentId: string): Promise<SegmentRunRef | null>;
  abstract getRun(projectId: ProjectId, runId: string): Promise<SegmentRunRef | null>;
  /** Members of a run in ascending order of user, `limit` at a time, behind `after`. */
  abstract membersOf(runId: string, after: UserId, limit: number): Promise<UserId[]>;
  /** Whether such a segment exists in the project. */
  abstract exists(projectId: ProjectId, segmentId: string): Promise<boolean>;
  /** Starts a run now, without waiting for its end; the listener of finished runs hears of it. */
  abstract requestRun(projectId: ProjectId, segmentId: string): Promise<{ runId: string }>;
}

/** Hears of every finished run; bound in `flow/recall.flow.ts`. May be told of the same run twice. */
export abstract class SegmentRunListener {
  abstract runFinished(run: SegmentRunRef): Promise<void>;
}

/** Keeps whom a journal batch concerned, for the segments whose membership is live. */
export abstract class LiveSegments {
  /**
   * Called when the batch is stored; resolves when it is durable that these users are looked at again.
   * The same batch again costs another look and changes nothing.
   */
  abstract usersConcerned(
    batchId: number,
    users: readonly { projectId: ProjectId; userId: UserId }[],
  ): Promise<void>;
}

/** Periodic work of the stage, for the scheduler. */
export abstract class SegmentUpkeep {
  abstract tasks(): UpkeepTask[];
}
