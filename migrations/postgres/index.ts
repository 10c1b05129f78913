import type { MigrationInterface } from 'typeorm';
import { AccessTables20261120000001 } from './20261120000001-access.js';
import { IngestTables20261120000002 } from './20261120000002-ingest.js';
import { DecodeTables20261120000003 } from './20261120000003-decode.js';
import { SegmentTables20261120000005 } from './20261120000005-segment.js';
import { DeliverTables20261120000006 } from './20261120000006-deliver.js';
import { TriggerTables20261120000007 } from './20261120000007-trigger.js';
import { LinkTables20261120000008 } from './20261120000008-link.js';
import { AttributionTables20261120000009 } from './20261120000009-attribution.js';
import { RecallTables20261120000010 } from './20261120000010-recall.js';
import { JournalSize20261121000000 } from './20261121000000-journal-size.js';
import { EncryptionTables20261121000001 } from './20261121000001-encryption.js';
import { CollectRules20261121000002 } from './20261121000002-collect-rules.js';
import { Enrichment20261121000004 } from './20261121000004-enrichment.js';
import { IdentityRulesAndUndo20261121000005 } from './20261121000005-identity.js';
import { ItemTables20261121000006 } from './20261121000006-item.js';
import { FeatureTables20261121000010 } from './20261121000010-feature.js';
import { ChurnTables20261121000011 } from './20261121000011-churn.js';
import { SegmentLiveTables20261128000010 } from './20261128000010-segment-live.js';
import { UserLists20261128000020 } from './20261128000020-user-list.js';
import { SegmentRuns20261128000030 } from './20261128000030-segment-runs.js';
import { SegmentExports20261128000031 } from './20261128000031-segment-exports.js';
import { ChurnModelFile20261128000040 } from './20261128000040-churn-model-file.js';
import { ProfileBatch20261128000050 } from './20261128000050-profile-batch.js';
import { ProjectTimeLimits20261128000051 } from './20261128000051-time-limits.js';
import { SegmentStreams20261128000052 } from './20261128000052-segment-stream.js';

/** Every PostgreSQL migration, in order. A new one is a file and a line here. */
export const POSTGRES_MIGRATIONS: readonly (new () => MigrationInterface)[] = [
  AccessTables20261120000001,
  IngestTables20261120000002,
  DecodeTables20261120000003,
  SegmentTables20261120000005,
  DeliverTables20261120000006,
  TriggerTables20261120000007,
  LinkTables20261120000008,
  AttributionTables20261120000009,
  RecallTables20261120000010,
  JournalSize20261121000000,
  EncryptionTables20261121000001,
  CollectRules20261121000002,
  Enrichment20261121000004,
  IdentityRulesAndUndo20261121000005,
  ItemTables20261121000006,
  FeatureTables20261121000010,
  ChurnTables20261121000011,
  SegmentLiveTables20261128000010,
  UserLists20261128000020,
  SegmentRuns20261128000030,
  SegmentExports20261128000031,
  ChurnModelFile20261128000040,
  ProfileBatch20261128000050,
  ProjectTimeLimits20261128000051,
  SegmentStreams20261128000052,
];
