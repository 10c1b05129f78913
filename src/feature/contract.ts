import type { ProjectId, UserId } from '../kernel/ids.js';
import type { SqlValue } from '../kernel/sql-params.js';
import type { UpkeepTask } from '../kernel/upkeep.js';

/**
 * ClickHouse table of the values of finished snapshots, for stages that compute inside ClickHouse. Columns:
 * project_id UInt32, set_id, snapshot_id String, attempt UInt16, user_id UInt64, values Array(Nullable(Float64)), and
 * the alias `person`. Read it with `snapshot_id` and `attempt` of a `SnapshotRef`; `values[i]` is the feature
 * `features[i - 1]`.
 */
export const FEATURE_VALUE_TABLE = 'feature_value';

/** A feature set, as it is now. */
export interface FeatureSetRef {
  setId: string;
  name: string;
  isArchived: boolean;
  /** Names of the features that its next snapshot will have. */
  features: readonly string[];
}

/** A finished snapshot of a feature set: its rows never change. */
export interface SnapshotRef {
  snapshotId: string;
  setId: string;
  projectId: ProjectId;
  /** Nothing at or after it is in any value, ms since 1970. */
  cutoff: number;
  attempt: number;
  /** Names, in the order of the values of a row. */
  features: readonly string[];
  rowCount: number;
  /** From when on the labels are known, ms since 1970; null where the set has no label. */
  labelKnownAt: number | null;
}

/** Values of one user, in the order of `SnapshotRef.features`; null where there is no value. */
export interface FeatureRow {
  userId: UserId;
  values: (number | null)[];
}

/** A row with what came of it: 1, the user did not return; 0, they did. */
export interface LabelledRow extends FeatureRow {
  label: 0 | 1;
}

export abstract class FeatureSets {
  /** By its id, or by its name among those that are not archived. */
  abstract findSet(projectId: ProjectId, idOrName: string): Promise<FeatureSetRef | null>;
  /** The finished snapshot with the latest cutoff up to a moment, ms since 1970; null where there is none. */
  abstract snapshotAsOf(projectId: ProjectId, setId: string, asOf: number): Promise<SnapshotRef | null>;
  /**
   * The finished snapshot with the latest cutoff whose labels were known at a moment, and whose cutoff is no earlier
   * than `cutoffFrom`; both ms since 1970.
   */
  abstract labelledAsOf(
    projectId: ProjectId,
    setId: string,
    wish: { asOf: number; cutoffFrom: number },
  ): Promise<SnapshotRef | null>;
  /**
   * The label as an expression over a row of FEATURE_VALUE_TABLE: 1, the user did not return; 0, they did.
   * @throws where the labels are not known yet
   */
  abstract labelSql(snapshot: SnapshotRef): Promise<{ sql: string; params: Record<string, SqlValue> }>;
  /** The finished snapshot with the latest cutoff; null where there is none. */
  abstract latestSnapshot(projectId: ProjectId, setId: string): Promise<SnapshotRef | null>;
  /** The finished snapshot with the latest cutoff whose labels are known now; null where there is none. */
  abstract latestLabelled(projectId: ProjectId, setId: string): Promise<SnapshotRef | null>;
  abstract getSnapshot(projectId: ProjectId, snapshotId: string): Promise<SnapshotRef | null>;
  /** Rows in ascending order of user, `limit` at a time, behind `after`. */
  abstract rowsOf(snapshot: SnapshotRef, after: UserId, limit: number): Promise<FeatureRow[]>;
  /**
   * The same with labels. Who was merged since is looked at under the number of the snapshot.
   * @throws where the labels are not known yet: see `labelKnownAt`
   */
  abstract labelledRowsOf(snapshot: SnapshotRef, after: UserId, limit: number): Promise<LabelledRow[]>;
  /** Values of some users; who was not in the population is absent. */
  abstract valuesOf(
    snapshot: SnapshotRef,
    userIds: readonly UserId[],
  ): Promise<Map<UserId, (number | null)[]>>;
}

/** Periodic work of the stage, for the scheduler. */
export abstract class FeatureUpkeep {
  abstract tasks(): UpkeepTask[];
}
