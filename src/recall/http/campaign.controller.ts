import { Body, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { CampaignService } from '../campaign.service.js';
import type { Campaign, CampaignSettings } from '../core/campaign.js';
import type { PlanRun } from '../data/plan-run.repository.js';
import { RecallRows } from '../recall-rows.js';
import {
  CAMPAIGN,
  CAMPAIGN_PAGE,
  CAMPAIGN_RUN_STARTED,
  CREATE_CAMPAIGN,
  type CreateCampaign,
  PLAN_RUN_PAGE,
  RUN_CAMPAIGN,
  type RunCampaign,
  UPDATE_CAMPAIGN,
  type UpdateCampaign,
} from './campaign.schema.js';

@ProjectController('campaigns', 'Campaigns')
export class CampaignController {
  constructor(
    private readonly campaigns: CampaignService,
    private readonly rows: RecallRows,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Campaigns, newest first' })
  @ApiOkResponse({ standardSchema: CAMPAIGN_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: PAGE_QUERY }) page: PageQuery) {
    const rows = await this.rows.campaigns.list(project.id, fromCursor(page.cursor), page.limit + 1);
    return toPage(rows, page.limit, { toKey: ({ id }) => id, toItem: toCampaignItem });
  }

  @Post()
  @Access('marketer')
  @ApiOperation({ summary: 'Make a campaign; it is a draft until it is activated' })
  @ApiCreatedResponse({ standardSchema: CAMPAIGN })
  async create(@Project() project: RequestProject, @Body({ schema: CREATE_CAMPAIGN }) body: CreateCampaign) {
    const settings = { ...body, sendAt: toMs(body.sendAt) };
    return toCampaignItem(await this.campaigns.create(project.id, settings));
  }

  @Get(':campaignId')
  @Access('viewer')
  @ApiOperation({ summary: 'One campaign' })
  @ApiOkResponse({ standardSchema: CAMPAIGN })
  async get(@Project() project: RequestProject, @Param('campaignId') campaignId: string) {
    return toCampaignItem(await this.campaigns.get(project.id, campaignId));
  }

  @Patch(':campaignId')
  @Access('marketer')
  @ApiOperation({
    summary: 'Change a campaign',
    description: 'Once active, who gets it is fixed: segment, channel, schedule, re-entry and control group.',
  })
  @ApiOkResponse({ standardSchema: CAMPAIGN })
  async update(
    @Project() project: RequestProject,
    @Param('campaignId') campaignId: string,
    @Body({ schema: UPDATE_CAMPAIGN }) body: UpdateCampaign,
  ) {
    return toCampaignItem(await this.campaigns.update(project.id, campaignId, toChanges(body)));
  }

  @Post(':campaignId/activate')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({ summary: 'Let a draft run from now on' })
  @ApiOkResponse({ standardSchema: CAMPAIGN })
  async activate(@Project() project: RequestProject, @Param('campaignId') campaignId: string) {
    return toCampaignItem(await this.campaigns.move(project.id, campaignId, 'activate'));
  }

  @Post(':campaignId/pause')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({
    summary: 'Stop planning for a while',
    description: 'Messages that are planned already still go; a run under way goes on when it is resumed.',
  })
  @ApiOkResponse({ standardSchema: CAMPAIGN })
  async pause(@Project() project: RequestProject, @Param('campaignId') campaignId: string) {
    return toCampaignItem(await this.campaigns.move(project.id, campaignId, 'pause'));
  }

  @Post(':campaignId/resume')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({ summary: 'Go on after a pause, with the newest run of the segment that it missed' })
  @ApiOkResponse({ standardSchema: CAMPAIGN })
  async resume(@Project() project: RequestProject, @Param('campaignId') campaignId: string) {
    return toCampaignItem(await this.campaigns.move(project.id, campaignId, 'resume'));
  }

  @Post(':campaignId/stop')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({ summary: 'End a campaign for good; what is not sent yet is held with campaign_stopped' })
  @ApiOkResponse({ standardSchema: CAMPAIGN })
  async stop(@Project() project: RequestProject, @Param('campaignId') campaignId: string) {
    return toCampaignItem(await this.campaigns.move(project.id, campaignId, 'stop'));
  }

  @Post(':campaignId/run')
  @HttpCode(202)
  @Access('marketer')
  @ApiOperation({ summary: 'Plan an active campaign now, on a new or on the newest run of its segment' })
  @ApiAcceptedResponse({ standardSchema: CAMPAIGN_RUN_STARTED })
  run(
    @Project() project: RequestProject,
    @Param('campaignId') campaignId: string,
    @Body({ schema: RUN_CAMPAIGN }) body: RunCampaign,
  ) {
    return this.campaigns.run(project.id, campaignId, body.useLatestRun);
  }

  @Get(':campaignId/runs')
  @Access('viewer')
  @ApiOperation({ summary: 'Planning runs of a campaign, newest first, with what became of the members' })
  @ApiOkResponse({ standardSchema: PLAN_RUN_PAGE })
  async runs(
    @Project() project: RequestProject,
    @Param('campaignId') campaignId: string,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    const { id } = await this.campaigns.get(project.id, campaignId);
    const rows = await this.rows.planRuns.list(id, fromCursor(page.cursor), page.limit + 1);
    return toPage(rows, page.limit, { toKey: (row) => row.id, toItem: toPlanRunItem });
  }
}

function toMs(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}

function toChanges({ sendAt, ...body }: UpdateCampaign): Partial<CampaignSettings> {
  const given = Object.entries(body).filter(([, value]) => value !== undefined);
  const changes: Partial<CampaignSettings> = Object.fromEntries(given);
  return sendAt === undefined ? changes : { ...changes, sendAt: toMs(sendAt) };
}

function toCampaignItem(campaign: Campaign) {
  const { projectId: _projectId, requestedRunId: _requestedRunId, ...shown } = campaign;
  return {
    ...shown,
    sendAt: toIso(shown.sendAt),
    createdAt: new Date(shown.createdAt).toISOString(),
    updatedAt: new Date(shown.updatedAt).toISOString(),
    activatedAt: toIso(shown.activatedAt),
  };
}

function toIso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

function toPlanRunItem(run: PlanRun) {
  return {
    id: run.id,
    segmentRunId: run.segmentRunId,
    state: run.state,
    counts: run.counts,
    error: run.error,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
  };
}
