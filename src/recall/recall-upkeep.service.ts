import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { Clock } from '../platform/clock/clock.js';
import { JobHandlers } from '../platform/queue/job.js';
import { CampaignService } from './campaign.service.js';
import { CampaignRuns } from './campaign-runs.js';
import { RecallUpkeep } from './contract.js';
import { PLAN_CAMPAIGN } from './jobs/plan.job.js';
import { PlanRunner } from './jobs/plan-runner.js';
import { RecallRows } from './recall-rows.js';

const MINUTE_MS = 60_000;
/** A run of a segment that was asked for and did not come by then is asked for again. */
const RUN_EXPECTED_MS = 15 * MINUTE_MS;
const DUE_AT_ONCE = 100;
const ACTIVE_AT_ONCE = 200;

/** Runs the planning jobs, and finds what was missed or lost. */
@Injectable()
export class RecallUpkeepService extends RecallUpkeep {
  constructor(
    private readonly rows: RecallRows,
    private readonly campaigns: CampaignService,
    private readonly runs: CampaignRuns,
    private readonly clock: Clock,
  ) {
    super();
  }

  tasks(): UpkeepTask[] {
    return [
      { name: 'recall.lost-runs', everyMs: 10_000, run: () => this.runs.revive() },
      { name: 'recall.due-campaigns', everyMs: 10_000, run: () => this.startDue() },
      { name: 'recall.missed-runs', everyMs: MINUTE_MS, run: () => this.planMissed() },
    ];
  }

  /** Campaigns whose moment has come ask for a run of their segment. */
  private async startDue(): Promise<void> {
    const due = await this.rows.campaigns.findDue(this.clock.now() - RUN_EXPECTED_MS, DUE_AT_ONCE);
    for (const campaign of due) await this.campaigns.requestRun(campaign);
  }

  /** Runs of segments that finished without this stage being told, or while a campaign was paused. */
  private async planMissed(): Promise<void> {
    let after = '';
    for (;;) {
      const page = await this.rows.campaigns.findActive(after, ACTIVE_AT_ONCE);
      for (const campaign of page) await this.campaigns.catchUp(campaign);
      const last = page.at(-1);
      if (!last || page.length < ACTIVE_AT_ONCE) return;
      after = last.id;
    }
  }
}

@Injectable()
export class PlanJobs implements OnModuleInit {
  constructor(
    private readonly handlers: JobHandlers,
    private readonly runner: PlanRunner,
  ) {}

  onModuleInit(): void {
    this.handlers.handle(PLAN_CAMPAIGN, ({ planRunId }) => this.runner.plan(planRunId));
  }
}
