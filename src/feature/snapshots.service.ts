import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { notFound, PROBLEMS, Problem } from '../platform/http-server/problem.js';
import {
  type FeatureRow,
  type FeatureSetRef,
  FeatureSets,
  type LabelledRow,
  type SnapshotRef,
} from './contract.js';
import { type Label, labelKnownAt } from './core/label.js';
import { FeatureTables } from './data/feature-tables.js';
import { featuresOf, type Snapshot } from './data/snapshot.repository.js';
import { outcomeSql } from './data/value-store.js';
import { FEATURE_PROBLEMS } from './http/feature.problems.js';

/** How many finished snapshots are looked through for one whose labels are known. */
const LOOKED_THROUGH = 400;

/** Reads finished snapshots: rows, values of users, labels once they are known. */
@Injectable()
export class Snapshots extends FeatureSets {
  constructor(
    private readonly clock: Clock,
    private readonly tables: FeatureTables,
  ) {
    super();
  }

  async latestSnapshot(projectId: ProjectId, setId: string): Promise<SnapshotRef | null> {
    const snapshot = await this.tables.snapshots.findLatestDone(projectId, setId);
    return snapshot && toSnapshotRef(snapshot);
  }

  async findSet(projectId: ProjectId, idOrName: string): Promise<FeatureSetRef | null> {
    const set =
      (await this.tables.sets.find(projectId, idOrName)) ??
      (await this.tables.sets.findByName(projectId, idOrName));
    return (
      set && {
        setId: set.id,
        name: set.name,
        isArchived: set.state === 'archived',
        features: set.plan.features.map(({ name }) => name),
      }
    );
  }

  async snapshotAsOf(projectId: ProjectId, setId: string, asOf: number): Promise<SnapshotRef | null> {
    const snapshot = await this.tables.snapshots.findLatestDone(projectId, setId, asOf);
    return snapshot && toSnapshotRef(snapshot);
  }

  latestLabelled(projectId: ProjectId, setId: string): Promise<SnapshotRef | null> {
    return this.labelledAsOf(projectId, setId, { asOf: this.clock.now(), cutoffFrom: 0 });
  }

  async labelledAsOf(
    projectId: ProjectId,
    setId: string,
    { asOf, cutoffFrom }: { asOf: number; cutoffFrom: number },
  ): Promise<SnapshotRef | null> {
    const snapshots = await this.tables.snapshots.listDone(projectId, setId, LOOKED_THROUGH);
    const refs = snapshots.map(toSnapshotRef).filter(({ cutoff }) => cutoff >= cutoffFrom);
    return refs.find((ref) => ref.labelKnownAt !== null && ref.labelKnownAt <= asOf) ?? null;
  }

  async labelSql(ref: SnapshotRef) {
    const snapshot = await this.tables.snapshots.find(ref.projectId, ref.snapshotId);
    if (!snapshot) throw notFound('snapshot', ref.snapshotId);
    return outcomeSql(ref, this.knownLabel(snapshot));
  }

  async getSnapshot(projectId: ProjectId, snapshotId: string): Promise<SnapshotRef | null> {
    const snapshot = await this.tables.snapshots.find(projectId, snapshotId);
    return snapshot?.state === 'done' ? toSnapshotRef(snapshot) : null;
  }

  rowsOf(ref: SnapshotRef, after: UserId, limit: number): Promise<FeatureRow[]> {
    return this.tables.values.page(ref, after, limit);
  }

  async labelledRowsOf(ref: SnapshotRef, after: UserId, limit: number): Promise<LabelledRow[]> {
    const snapshot = await this.tables.snapshots.find(ref.projectId, ref.snapshotId);
    if (!snapshot) throw notFound('snapshot', ref.snapshotId);
    return this.tables.values.labelledPage(ref, this.knownLabel(snapshot), after, limit);
  }

  valuesOf(ref: SnapshotRef, userIds: readonly UserId[]): Promise<Map<UserId, (number | null)[]>> {
    return this.tables.values.ofUsers(ref, userIds);
  }

  async get(projectId: ProjectId, setId: string, snapshotId: string): Promise<Snapshot> {
    const snapshot = await this.tables.snapshots.find(projectId, snapshotId);
    if (!snapshot || snapshot.setId !== setId) throw notFound('snapshot', snapshotId);
    return snapshot;
  }

  async getDone(projectId: ProjectId, setId: string, snapshotId: string): Promise<Snapshot> {
    const snapshot = await this.get(projectId, setId, snapshotId);
    if (snapshot.state !== 'done')
      throw new Problem(PROBLEMS.conflict, `The snapshot is ${snapshot.state}: it has no values yet.`);
    return snapshot;
  }

  /** The label of a snapshot, once its window and the allowance for late events are over; refused before. */
  knownLabel({ plan, cutoff }: Snapshot): Label {
    if (!plan.label) throw new Problem(FEATURE_PROBLEMS.noLabel, 'The feature set had no label.');
    const knownAt = labelKnownAt(plan.label, cutoff.getTime());
    if (this.clock.now() < knownAt) {
      throw new Problem(
        FEATURE_PROBLEMS.labelNotKnown,
        `Who does not return is known from ${new Date(knownAt).toISOString()} on.`,
      );
    }
    return plan.label;
  }
}

export function toSnapshotRef(snapshot: Snapshot): SnapshotRef {
  const cutoff = snapshot.cutoff.getTime();
  return {
    snapshotId: snapshot.id,
    setId: snapshot.setId,
    projectId: snapshot.projectId,
    cutoff,
    attempt: snapshot.attempts,
    features: featuresOf(snapshot).map(({ name }) => name),
    rowCount: snapshot.rowCount ?? 0,
    labelKnownAt: snapshot.plan.label && labelKnownAt(snapshot.plan.label, cutoff),
  };
}
