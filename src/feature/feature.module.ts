import { Module } from '@nestjs/common';
import { FeatureSets, FeatureUpkeep } from './contract.js';
import { FeatureCatalogueRepository } from './data/feature-catalogue.repository.js';
import { FeatureSetRepository } from './data/feature-set.repository.js';
import { FeatureTables } from './data/feature-tables.js';
import { SnapshotRepository } from './data/snapshot.repository.js';
import { ValueReport } from './data/value-report.js';
import { ValueStore } from './data/value-store.js';
import { FeatureCatalogue } from './feature-catalogue.service.js';
import { FeatureSetService } from './feature-set.service.js';
import { FeatureUpkeepService } from './feature-upkeep.service.js';
import { FeatureController, FeatureSettingsController } from './http/feature.controller.js';
import { FeatureSetController } from './http/feature-set.controller.js';
import { SnapshotController } from './http/snapshot.controller.js';
import { SnapshotReports } from './snapshot-reports.service.js';
import { SnapshotRunner } from './snapshot-runner.service.js';
import { Snapshots } from './snapshots.service.js';

@Module({
  controllers: [FeatureController, FeatureSettingsController, FeatureSetController, SnapshotController],
  providers: [
    FeatureCatalogueRepository,
    FeatureSetRepository,
    SnapshotRepository,
    ValueStore,
    ValueReport,
    FeatureTables,
    FeatureCatalogue,
    FeatureSetService,
    Snapshots,
    SnapshotReports,
    SnapshotRunner,
    FeatureUpkeepService,
    { provide: FeatureSets, useExisting: Snapshots },
    { provide: FeatureUpkeep, useExisting: FeatureUpkeepService },
  ],
  exports: [FeatureSets, FeatureUpkeep],
})
export class FeatureModule {}
