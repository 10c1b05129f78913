import { Injectable } from '@nestjs/common';
import { AccessUpkeep } from '../access/contract.js';
import { AttributionUpkeep } from '../attribution/contract.js';
import { ChurnUpkeep } from '../churn/contract.js';
import { DeliverUpkeep } from '../deliver/contract.js';
import { FeatureUpkeep } from '../feature/contract.js';
import { IdentifyUpkeep } from '../identify/contract.js';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { LinkUpkeep } from '../link/contract.js';
import { withAdvisoryLock } from '../platform/db/advisory-lock.js';
import { Database } from '../platform/db/database.js';
import { log } from '../platform/log/log.js';
import { RecallUpkeep } from '../recall/contract.js';
import { SegmentUpkeep } from '../segment/contract.js';
import { StoreUpkeep } from '../store/contract.js';
import { TriggerUpkeep } from '../trigger/contract.js';

/**
 * Everything that happens by the clock. Each task runs in one scheduler at a time, held by a lock in PostgreSQL,
 * and finds its work in tables: what a queue lost or a crash left is found again by the next run.
 */
@Injectable()
export class Schedule {
  private readonly tasks: readonly UpkeepTask[];
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly running = new Set<Promise<void>>();
  private isStopping = false;

  constructor(
    private readonly db: Database,
    access: AccessUpkeep,
    identify: IdentifyUpkeep,
    store: StoreUpkeep,
    segments: SegmentUpkeep,
    features: FeatureUpkeep,
    triggers: TriggerUpkeep,
    recall: RecallUpkeep,
    deliver: DeliverUpkeep,
    links: LinkUpkeep,
    attribution: AttributionUpkeep,
    churn: ChurnUpkeep,
  ) {
    this.tasks = [
      access,
      identify,
      store,
      segments,
      features,
      triggers,
      recall,
      deliver,
      links,
      attribution,
      churn,
    ].flatMap((upkeep) => upkeep.tasks());
  }

  start(): void {
    for (const task of this.tasks) this.plan(task);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all(this.running);
  }

  private plan(task: UpkeepTask): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      const run = this.run(task).finally(() => {
        this.running.delete(run);
        if (!this.isStopping) this.plan(task);
      });
      this.running.add(run);
    }, task.everyMs);
    this.timers.add(timer);
  }

  private async run(task: UpkeepTask): Promise<void> {
    try {
      await withAdvisoryLock(this.db, `upkeep:${task.name}`, task.run);
    } catch (error) {
      log.error({ err: error, task: task.name }, 'a scheduled task failed and will be tried again');
    }
  }
}
