import { formatUserId } from '../../kernel/ids.js';
import type { FeatureRow, LabelledRow, SnapshotRef } from '../contract.js';
import { describeFeature } from '../core/feature-docs.js';
import { lifecycleLabel } from '../core/lifecycle.js';
import type { FeatureSet } from '../data/feature-set.repository.js';
import type { Snapshot } from '../data/snapshot.repository.js';
import type { CatalogueFeature } from '../feature-catalogue.service.js';
import { toSnapshotRef } from '../snapshots.service.js';

/** A feature with its documentation, as the API shows it. */
export function toFeature({ name, family, description, value }: CatalogueFeature) {
  const docs = value && describeFeature(value);
  return {
    name,
    family: family ?? 'own',
    description,
    unit: docs?.unit ?? null,
    nullRule: docs?.nullRule ?? null,
    notAsOf: docs?.notAsOf ?? false,
    definition: value && { version: 1 as const, value },
  };
}

/** A feature set as the API shows it. */
export function toFeatureSet(set: FeatureSet) {
  return {
    id: set.id,
    name: set.name,
    description: set.description,
    definition: set.definition,
    features: set.plan.features.map(({ name }) => name),
    version: set.version,
    schedule: set.scheduleCron === null ? null : { cron: set.scheduleCron, timeZone: set.scheduleZone },
    state: set.state,
    nextRunAt: set.nextRunAt?.toISOString() ?? null,
    createdAt: set.createdAt.toISOString(),
    updatedAt: set.updatedAt.toISOString(),
  };
}

/** A snapshot as the API shows it in lists. */
export function toSnapshotSummary(snapshot: Snapshot) {
  const { labelKnownAt } = toSnapshotRef(snapshot);
  return {
    id: snapshot.id,
    setId: snapshot.setId,
    version: snapshot.version,
    cutoff: snapshot.cutoff.toISOString(),
    state: snapshot.state,
    trigger: snapshot.trigger,
    attempts: snapshot.attempts,
    queuedAt: snapshot.queuedAt.toISOString(),
    startedAt: snapshot.startedAt?.toISOString() ?? null,
    finishedAt: snapshot.finishedAt?.toISOString() ?? null,
    durationMs: snapshot.durationMs,
    rowCount: snapshot.rowCount,
    lateCount: snapshot.lateCount,
    excluded: snapshot.excluded,
    labelKnownAt: labelKnownAt === null ? null : new Date(labelKnownAt).toISOString(),
    error: snapshot.error,
  };
}

export function toSnapshotDetail(snapshot: Snapshot) {
  const { features } = toSnapshotRef(snapshot);
  return { ...toSnapshotSummary(snapshot), features, sql: snapshot.sql, params: snapshot.params };
}

export function toRow({ features }: SnapshotRef, row: FeatureRow | LabelledRow) {
  const values = toNamedValues(features, row.values);
  return { userId: formatUserId(row.userId), values, ...('label' in row ? { label: row.label } : {}) };
}

export function toNamedValues(features: readonly string[], values: readonly (number | null)[]) {
  return Object.fromEntries(
    features.map((name, index) => {
      const value = values[index] ?? null;
      return [name, name === 'lifecycle' ? lifecycleLabel(value) : value];
    }),
  );
}
