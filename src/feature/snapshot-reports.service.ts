import { Injectable } from '@nestjs/common';
import { notFound } from '../platform/http-server/problem.js';
import type { SnapshotRef } from './contract.js';
import type { Label } from './core/label.js';
import { informationValue, populationStability, toEdges } from './core/stability.js';
import type { Snapshot } from './data/snapshot.repository.js';
import { type BinCount, type FeatureStats, ValueReport } from './data/value-report.js';
import { toSnapshotRef } from './snapshots.service.js';

/** A feature at its place in the rows of a snapshot, with its statistics there. */
interface PlacedFeature {
  name: string;
  position: number;
  stats: FeatureStats;
  edges: number[];
}

/** Compares snapshots, and features with what came of them. */
@Injectable()
export class SnapshotReports {
  constructor(private readonly values: ValueReport) {}

  /** How far the values of `present` moved from those of `base`, for every feature that both have. */
  async drift(base: Snapshot, present: Snapshot) {
    const [baseRef, presentRef] = [toSnapshotRef(base), toSnapshotRef(present)];
    const names = baseRef.features.filter((name) => presentRef.features.includes(name));
    const [were, are] = await Promise.all([this.place(baseRef, names), this.place(presentRef, names)]);
    // Both are counted in the bins of the base.
    const arePlaced = are.map((feature, index) => ({ ...feature, edges: were[index]?.edges ?? [] }));
    const [wereBins, areBins] = await Promise.all([
      this.values.bins(baseRef, were, null),
      this.values.bins(presentRef, arePlaced, null),
    ]);
    return were.map((was, index) => {
      const is = arePlaced[index] ?? was;
      return {
        feature: was.name,
        stability: populationStability(
          rowsPerBin(was, wereBins).map(({ rows }) => rows),
          rowsPerBin(is, areBins).map(({ rows }) => rows),
        ),
        base: { mean: was.stats.mean, nullShare: nullShare(was.stats), rows: was.stats.rows },
        present: { mean: is.stats.mean, nullShare: nullShare(is.stats), rows: is.stats.rows },
      };
    });
  }

  /** What each feature alone tells of the outcome; the most telling first. */
  async outcome(snapshot: Snapshot, label: Label, only: string | null) {
    const ref = toSnapshotRef(snapshot);
    if (only !== null && !ref.features.includes(only)) throw notFound('feature', only);
    const placed = await this.place(ref, only === null ? ref.features : [only], label);
    const counts = await this.values.bins(ref, placed, label);
    const reports = placed.map((feature) => {
      const bins = rowsPerBin(feature, counts);
      return {
        feature: feature.name,
        rows: feature.stats.rows,
        nullShare: nullShare(feature.stats),
        mean: feature.stats.mean,
        min: feature.stats.min,
        max: feature.stats.max,
        auc: feature.stats.auc,
        informationValue: informationValue(bins),
        bins: bins.map(({ bin, rows, positives }) => ({
          from: bin <= 0 ? null : (feature.edges[bin - 1] ?? null),
          to: bin < 0 ? null : (feature.edges[bin] ?? null),
          isNull: bin < 0,
          rows,
          notReturned: positives,
          rate: rows === 0 ? null : positives / rows,
        })),
      };
    });
    return reports.sort((a, b) => (b.informationValue ?? 0) - (a.informationValue ?? 0));
  }

  private async place(
    ref: SnapshotRef,
    names: readonly string[],
    label: Label | null = null,
  ): Promise<PlacedFeature[]> {
    const positions = names.map((name) => ref.features.indexOf(name) + 1);
    const stats = await this.values.stats(ref, positions, label);
    const inOrder = [...positions].sort((a, b) => a - b);
    return names.map((name, index) => {
      const position = positions[index] ?? 0;
      const of = stats[inOrder.indexOf(position)] ?? NO_STATS;
      return { name, position, stats: of, edges: toEdges(of.deciles) };
    });
  }
}

const NO_STATS: FeatureStats = {
  rows: 0,
  nulls: 0,
  mean: null,
  min: null,
  max: null,
  deciles: [],
  auc: null,
};

/** The bins of a feature, that of nulls (-1) first, empty ones included. */
function rowsPerBin({ position, edges }: PlacedFeature, counts: readonly BinCount[]) {
  const own = new Map(counts.filter((each) => each.position === position).map((each) => [each.bin, each]));
  return Array.from({ length: edges.length + 2 }, (_, index) => {
    const bin = index - 1;
    const { rows = 0, positives = 0 } = own.get(bin) ?? {};
    return { bin, rows, positives };
  });
}

function nullShare({ rows, nulls }: FeatureStats): number | null {
  return rows === 0 ? null : nulls / rows;
}
