import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { log } from '../platform/log/log.js';
import { JobQueue } from '../platform/queue/job.js';
import type { Campaign } from './core/campaign.js';
import { CampaignRepository } from './data/campaign.repository.js';
import { type PlanRun, PlanRunRepository } from './data/plan-run.repository.js';
import { PLAN_CAMPAIGN } from './jobs/plan.job.js';

const LOST_AT_ONCE = 200;
/** A job whose tries are used up keeps its id in the queue; after this time a new id takes its place. */
const JOB_ID_MS = 10_000;

/** Starts planning runs and sees to it that each has a job. */
@Injectable()
export class CampaignRuns {
  constructor(
    private readonly campaigns: CampaignRepository,
    private readonly runs: PlanRunRepository,
    private readonly queue: JobQueue,
    private readonly clock: Clock,
  ) {}

  /** Plans every campaign that follows the segment; those planned on this run before are left as they are. */
  async planFollowing(segmentRun: { projectId: ProjectId; segmentId: string; runId: string }): Promise<void> {
    const following = await this.campaigns.findFollowing(segmentRun);
    const started: PlanRun[] = [];
    for (const campaign of following) started.push(await this.startRow(campaign, segmentRun.runId));
    await this.addJobs(started.filter(({ state }) => state === 'planning'));
  }

  /** Plans one campaign on a finished run of its segment, or finds the planning that was made of it. */
  async start(campaign: Campaign, segmentRunId: string): Promise<PlanRun> {
    const run = await this.startRow(campaign, segmentRunId);
    if (run.state === 'planning') await this.addJobs([run]);
    return run;
  }

  /** Goes on with what a pause interrupted. */
  async continueOf(campaignId: string): Promise<void> {
    await this.addJobs(await this.runs.findPlanning(campaignId));
  }

  /** Gives a job to runs that have none any more. */
  async revive(): Promise<void> {
    await this.addJobs(await this.runs.findLost(LOST_AT_ONCE));
  }

  private startRow(campaign: Campaign, segmentRunId: string): Promise<PlanRun> {
    return this.runs.start(campaign.id, campaign.projectId, segmentRunId);
  }

  private async addJobs(runs: readonly { id: string }[]): Promise<void> {
    const period = Math.floor(this.clock.now() / JOB_ID_MS);
    try {
      await this.queue.addMany(
        PLAN_CAMPAIGN,
        runs.map(({ id }) => ({ payload: { planRunId: id }, options: { id: `${id}-${period}` } })),
      );
    } catch (error) {
      // The rows are written: the sweep gives them jobs when the queue is back.
      log.warn({ err: error }, 'planning jobs could not be queued and will be later');
    }
  }
}
