import { Injectable } from '@nestjs/common';
import { FeatureSetRepository } from './feature-set.repository.js';
import { SnapshotRepository } from './snapshot.repository.js';
import { ValueReport } from './value-report.js';
import { ValueStore } from './value-store.js';

/** Everything that the stage stores of feature sets. */
@Injectable()
export class FeatureTables {
  constructor(
    readonly sets: FeatureSetRepository,
    readonly snapshots: SnapshotRepository,
    readonly values: ValueStore,
    readonly report: ValueReport,
  ) {}
}
