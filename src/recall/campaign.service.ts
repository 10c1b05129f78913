import { Injectable } from '@nestjs/common';
import { Channels, Ledger } from '../deliver/contract.js';
import { isId, type ProjectId } from '../kernel/ids.js';
import { invalidField, notFound, PROBLEMS, Problem } from '../platform/http-server/problem.js';
import { Segments } from '../segment/contract.js';
import { CampaignRuns } from './campaign-runs.js';
import type { Campaign, CampaignSettings } from './core/campaign.js';
import { type CampaignAction, decideMove, findFixed } from './core/campaign-state.js';
import { RecallRows } from './recall-rows.js';
import { TemplateService } from './template.service.js';

/** Campaigns as marketers handle them. */
@Injectable()
export class CampaignService {
  constructor(
    private readonly rows: RecallRows,
    private readonly templates: TemplateService,
    private readonly segments: Segments,
    private readonly channels: Channels,
    private readonly ledger: Ledger,
    private readonly runs: CampaignRuns,
  ) {}

  async get(projectId: ProjectId, id: string): Promise<Campaign> {
    const campaign = isId('campaign', id) ? await this.rows.campaigns.find(projectId, id) : null;
    if (!campaign) throw notFound('campaign', id);
    return campaign;
  }

  /** @param settings `templateId` may be a slug; without a channel the campaign takes that of its template */
  async create(
    projectId: ProjectId,
    settings: Omit<CampaignSettings, 'channel'> & { channel?: string | undefined },
  ): Promise<Campaign> {
    return this.rows.campaigns.insert(projectId, await this.check(projectId, settings));
  }

  async update(projectId: ProjectId, id: string, changes: Partial<CampaignSettings>): Promise<Campaign> {
    const campaign = await this.get(projectId, id);
    const fixed = findFixed(campaign.state, Object.keys(changes));
    if (fixed.length > 0) {
      throw conflict(`The campaign is ${campaign.state}: ${fixed.join(', ')} cannot be changed any more.`);
    }
    const updated = await this.rows.campaigns.update(
      campaign,
      await this.check(projectId, { ...campaign, ...changes }),
    );
    if (!updated) throw conflict('The campaign changed its state meanwhile: read it again.');
    return updated;
  }

  async move(projectId: ProjectId, id: string, action: CampaignAction): Promise<Campaign> {
    const campaign = await this.get(projectId, id);
    const to = decideMove(campaign.state, action);
    if (to === null) throw conflict(`A campaign that is ${campaign.state} cannot ${action}.`);
    // What it refers to may have gone while it was a draft.
    if (action === 'activate') await this.check(projectId, campaign);
    const moved = await this.rows.campaigns.move(id, campaign.state, to);
    if (!moved) throw conflict('The campaign changed its state meanwhile: read it again.');
    if (action === 'resume') {
      await this.runs.continueOf(id);
      await this.catchUp(moved);
    }
    if (action === 'stop') {
      await this.rows.planRuns.failOfCampaign(id, 'campaign_stopped');
      await this.ledger.holdUnsent(projectId, id, 'campaign_stopped');
    }
    return moved;
  }

  /** Plans now: on the newest finished run of the segment, or on a run that is asked for. */
  async run(
    projectId: ProjectId,
    id: string,
    useLatestRun: boolean,
  ): Promise<{ segmentRunId: string; planRunId: string | null }> {
    const campaign = await this.get(projectId, id);
    if (campaign.state !== 'active') {
      throw conflict(`The campaign is ${campaign.state}: only an active one can be run.`);
    }
    if (!useLatestRun) return this.requestRun(campaign);
    const latest = await this.segments.latestRun(projectId, campaign.segmentId);
    if (!latest) throw conflict('The segment has no finished run yet: leave out useLatestRun.');
    const run = await this.runs.start(campaign, latest.runId);
    return { segmentRunId: latest.runId, planRunId: run.id };
  }

  /** Asks for a run of the segment, which is planned when it is finished. */
  async requestRun(campaign: Campaign): Promise<{ segmentRunId: string; planRunId: string | null }> {
    const { runId } = await this.segments.requestRun(campaign.projectId, campaign.segmentId);
    await this.rows.campaigns.setRequestedRun(campaign.id, runId);
    // A small segment may have been finished before the campaign knew what to wait for.
    const finished = await this.segments.getRun(campaign.projectId, runId);
    const run = finished ? await this.runs.start(campaign, runId) : null;
    return { segmentRunId: runId, planRunId: run?.id ?? null };
  }

  /** Plans runs of the segment that finished without this stage being told, or while the campaign was paused. */
  async catchUp(campaign: Campaign): Promise<void> {
    const { id, projectId, segmentId, requestedRunId, schedule } = campaign;
    const requested = requestedRunId === null ? null : await this.segments.getRun(projectId, requestedRunId);
    const latest = schedule === 'on_segment_run' ? await this.segments.latestRun(projectId, segmentId) : null;
    for (const run of [requested, latest]) {
      // What was computed before the campaign was active is not for it, unless it was asked for.
      const isWanted = run !== null && (run === requested || run.asOf >= (campaign.activatedAt ?? 0));
      if (isWanted && !(await this.rows.planRuns.exists(id, run.runId)))
        await this.runs.start(campaign, run.runId);
    }
  }

  /** @throws Problem that names the first field that does not fit */
  private async check(
    projectId: ProjectId,
    settings: Omit<CampaignSettings, 'channel'> & { channel?: string | undefined },
  ): Promise<CampaignSettings> {
    if (!(await this.segments.exists(projectId, settings.segmentId))) {
      throw invalidField('/segmentId', 'unknown_segment', `There is no segment ${settings.segmentId}.`);
    }
    const template = await this.templates.find(projectId, settings.templateId);
    if (!template) {
      throw invalidField('/templateId', 'unknown_template', `There is no template ${settings.templateId}.`);
    }
    const channel = settings.channel ?? template.channel;
    if (!this.channels.names().includes(channel)) {
      const known = this.channels.names().join(', ');
      throw invalidField(
        '/channel',
        'unknown_channel',
        `There is no channel ${channel}; there are ${known}.`,
      );
    }
    if (settings.schedule === 'once' && settings.sendAt === null) {
      throw invalidField('/sendAt', 'missing_time', 'A campaign that is sent once needs its moment.');
    }
    if (settings.schedule !== 'once' && settings.sendAt !== null) {
      throw invalidField('/sendAt', 'unexpected_time', 'Only a campaign that is sent once has a moment.');
    }
    return { ...settings, templateId: template.id, channel };
  }
}

function conflict(detail: string): Problem {
  return new Problem(PROBLEMS.conflict, detail);
}
