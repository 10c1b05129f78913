import { Injectable } from '@nestjs/common';
import { withAdvisoryLock } from '../../platform/db/advisory-lock.js';
import { Database } from '../../platform/db/database.js';
import { ChangeBatchRepository } from './change-batch.repository.js';
import { ChangeStore } from './change-store.js';
import { LiveRepository } from './live.repository.js';
import { LiveStore } from './live-store.js';

/** Everything that is stored of live segments and of changes of membership. */
@Injectable()
export class LiveTables {
  constructor(
    private readonly db: Database,
    readonly live: LiveRepository,
    readonly store: LiveStore,
    readonly batches: ChangeBatchRepository,
    readonly changes: ChangeStore,
  ) {}

  /** Does the work where no other process updates the segment; what two decided at once, the row decides. */
  async alone(segmentId: string, work: () => Promise<void>): Promise<void> {
    await withAdvisoryLock(this.db, `segment-live:${segmentId}`, work);
  }

  async dropBuild(build: number): Promise<void> {
    await this.store.drop(build);
    await this.live.forgetBuild(build);
  }
}
