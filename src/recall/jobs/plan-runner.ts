import { Injectable } from '@nestjs/common';
import { Channels, Ledger } from '../../deliver/contract.js';
import type { UserId } from '../../kernel/ids.js';
import { Segments } from '../../segment/contract.js';
import { Profiles } from '../../store/contract.js';
import type { Campaign } from '../core/campaign.js';
import { addPage } from '../core/plan-counts.js';
import { type PlanContext, planMembers } from '../core/plan-members.js';
import type { PlanRun } from '../data/plan-run.repository.js';
import type { TemplateRow } from '../data/template.repository.js';
import { RecallRows } from '../recall-rows.js';
import { PlanFacts } from './plan-facts.js';

const PAGE_MEMBERS = 1000;
const DAY_MS = 24 * 3_600_000;

/** What a page of members is planned with. */
interface Page {
  run: PlanRun;
  campaign: Campaign;
  members: UserId[];
}

/**
 * Turns the members of a segment run into planned messages, page by page.
 * Any page may be planned again after a crash: the ledger knows the messages by their keys.
 */
@Injectable()
export class PlanRunner {
  constructor(
    private readonly rows: RecallRows,
    private readonly segments: Segments,
    private readonly profiles: Profiles,
    private readonly ledger: Ledger,
    private readonly channels: Channels,
    private readonly facts: PlanFacts,
  ) {}

  /** Plans until the members are all planned, the campaign is no longer active, or another worker has the run. */
  async plan(planRunId: string): Promise<void> {
    let run = await this.rows.planRuns.lease(planRunId);
    while (run !== null) {
      const current: PlanRun = run;
      run = await this.planNext(current).catch(async (error: unknown) => {
        await this.rows.planRuns.release(current);
        throw error;
      });
    }
  }

  /** @returns the run with its new checkpoint; null where there is nothing more to do for this worker */
  private async planNext(run: PlanRun): Promise<PlanRun | null> {
    const campaign = await this.rows.campaigns.find(run.projectId, run.campaignId);
    if (campaign?.state !== 'active') {
      await this.rows.planRuns.release(run);
      return null;
    }
    const template = await this.rows.templates.find(run.projectId, campaign.templateId);
    const segmentRun = await this.segments.getRun(run.projectId, run.segmentRunId);
    if (!template || !segmentRun) {
      await this.rows.planRuns.fail(run.id, template ? 'segment_run_gone' : 'template_gone');
      return null;
    }
    const members = await this.segments.membersOf(run.segmentRunId, run.lastUserId, PAGE_MEMBERS);
    if (members.length === 0) {
      await this.rows.planRuns.finish(run);
      return null;
    }
    return this.planPage({ run, campaign, members }, template);
  }

  private async planPage(page: Page, template: TemplateRow): Promise<PlanRun | null> {
    const { run, campaign, members } = page;
    const entering = await this.enter(page);
    const profiles = await this.profiles.read(run.projectId, entering);
    const context: PlanContext = {
      campaign,
      planRunId: run.id,
      segmentRunId: run.segmentRunId,
      templateVersion: template.version,
      addressProperty: this.channels.addressProperty(campaign.channel),
      ...(await this.facts.of(run)),
    };
    const result = await this.ledger.plan(planMembers(context, entering, profiles));
    return this.rows.planRuns.checkpoint(run, {
      counts: addPage(run.counts, members.length, result),
      lastUserId: members.at(-1) ?? run.lastUserId,
    });
  }

  /** The members whom the re-entry rule lets in, as far as the ledger's keys do not decide it. */
  private async enter({ run, campaign, members }: Page): Promise<UserId[]> {
    if (typeof campaign.reentry === 'string') return members;
    const { now } = await this.facts.of(run);
    const notSince = now - campaign.reentry.afterDays * DAY_MS;
    const entered = await this.rows.planRuns.enter(run, members, { now, notSince });
    return members.filter((userId) => entered.has(userId));
  }
}
