import type { ProjectId, UserId } from '../kernel/ids.js';
import type { UpkeepTask } from '../kernel/upkeep.js';

/**
 * ClickHouse table of the scores of finished runs, for stages that compute inside ClickHouse. Columns: project_id UInt32,
 * model_id, run_id String, attempt UInt16, user_id UInt64, score Float64, details Map(String, Float64), and the alias
 * `person`. Read it with `runId` and `attempt` of a `ScoreRunRef`.
 */
export const CHURN_SCORE_TABLE = 'churn_score';

/** A churn model, as it is now. */
export interface ChurnModelRef {
  modelId: string;
  name: string;
  isArchived: boolean;
  /** What it tells beside the score. */
  details: readonly string[];
}

/** A finished run: its scores never change. */
export interface ScoreRunRef {
  runId: string;
  modelId: string;
  attempt: number;
  /** Nothing at or after it is in any score, ms since 1970. */
  asOf: number;
}

/** What a run says of one user. */
export interface ScoreOfUser {
  score: number;
  /** 1 to 10; 10 is the tenth with the highest scores. */
  decile: number;
  details: Record<string, number>;
}

export abstract class ChurnScores {
  /** By its id, or by its name among those that are not archived. */
  abstract findModel(projectId: ProjectId, idOrName: string): Promise<ChurnModelRef | null>;
  /** The finished run with the latest moment up to one, ms since 1970; null where there is none. */
  abstract runAsOf(projectId: ProjectId, modelId: string, asOf: number): Promise<ScoreRunRef | null>;
  /** Scores of some users, also where they were merged into one of them since; who has none is absent. */
  abstract scoresOf(run: ScoreRunRef, userIds: readonly UserId[]): Promise<Map<UserId, ScoreOfUser>>;
}

/** Periodic work of the stage, for the scheduler. */
export abstract class ChurnUpkeep {
  abstract tasks(): UpkeepTask[];
}
