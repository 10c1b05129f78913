import { isDeepStrictEqual } from 'node:util';
import { Body, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { newId, type ProjectId } from '../../kernel/ids.js';
import { Clock } from '../../platform/clock/clock.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import type { TriggerState } from '../core/settle-timer.js';
import { type TriggerChange, TriggerRepository, type TriggerRow } from '../data/trigger.repository.js';
import { RuleCache } from '../rule-cache.js';
import { ValueLookup } from '../value-lookup.js';
import {
  CREATE_TRIGGER,
  type CreateTrigger,
  TRIGGER,
  TRIGGER_PAGE,
  TRIGGER_QUERY,
  type TriggerQuery,
  UPDATE_TRIGGER,
  type UpdateTrigger,
} from './trigger.schema.js';

@ProjectController('triggers', 'Triggers')
export class TriggerController {
  constructor(
    private readonly triggers: TriggerRepository,
    private readonly rules: RuleCache,
    private readonly clock: Clock,
    private readonly values: ValueLookup,
  ) {}

  @Post()
  @Access('marketer')
  @ApiOperation({ summary: 'Make a trigger; it is active within two seconds' })
  @ApiCreatedResponse({ standardSchema: TRIGGER })
  async create(@Project() project: RequestProject, @Body({ schema: CREATE_TRIGGER }) body: CreateTrigger) {
    await this.values.check(project.id, body.rule);
    const nowMs = this.clock.now();
    const trigger: TriggerRow = {
      id: newId('trigger', nowMs),
      projectId: project.id,
      name: body.name,
      rule: body.rule,
      version: 1,
      state: 'active',
      createdAt: new Date(nowMs),
      updatedAt: new Date(nowMs),
    };
    await this.triggers.insert(trigger);
    this.rules.forget();
    return toTrigger(trigger);
  }

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Triggers, newest first' })
  @ApiOkResponse({ standardSchema: TRIGGER_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: TRIGGER_QUERY }) query: TriggerQuery) {
    const rows = await this.triggers.list(project.id, {
      state: query.state ?? null,
      before: fromCursor(query.cursor),
      limit: query.limit + 1,
    });
    return toPage(rows, query.limit, { toKey: ({ id }) => id, toItem: toTrigger });
  }

  @Get(':triggerId')
  @Access('viewer')
  @ApiOperation({ summary: 'One trigger with its newest rule' })
  @ApiOkResponse({ standardSchema: TRIGGER })
  async get(@Project() project: RequestProject, @Param('triggerId') triggerId: string) {
    const trigger = await this.triggers.find(project.id, triggerId);
    if (!trigger) throw notFound('trigger', triggerId);
    return toTrigger(trigger);
  }

  @Patch(':triggerId')
  @Access('marketer')
  @ApiOperation({
    summary: 'Change name or rule',
    description:
      'A changed rule is a new version. Users who wait already go on with the version they began with.',
  })
  @ApiOkResponse({ standardSchema: TRIGGER })
  async update(
    @Project() project: RequestProject,
    @Param('triggerId') triggerId: string,
    @Body({ schema: UPDATE_TRIGGER }) body: UpdateTrigger,
  ) {
    if (body.rule) await this.values.check(project.id, body.rule);
    return this.change(project.id, triggerId, (row) => ({
      name: body.name,
      rule: body.rule && !isDeepStrictEqual(body.rule, row.rule) ? body.rule : undefined,
    }));
  }

  @Post(':triggerId/pause')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({
    summary: 'Pause a trigger',
    description: 'Events pass it by, and waits that end while it is paused do not fire.',
  })
  @ApiOkResponse({ standardSchema: TRIGGER })
  pause(@Project() project: RequestProject, @Param('triggerId') triggerId: string) {
    return this.setState(project.id, triggerId, 'paused');
  }

  @Post(':triggerId/resume')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({ summary: 'Make a paused trigger active again' })
  @ApiOkResponse({ standardSchema: TRIGGER })
  resume(@Project() project: RequestProject, @Param('triggerId') triggerId: string) {
    return this.setState(project.id, triggerId, 'active');
  }

  @Post(':triggerId/archive')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({ summary: 'Put a trigger away for good; its decisions stay readable' })
  @ApiOkResponse({ standardSchema: TRIGGER })
  archive(@Project() project: RequestProject, @Param('triggerId') triggerId: string) {
    return this.setState(project.id, triggerId, 'archived');
  }

  private setState(projectId: ProjectId, triggerId: string, state: TriggerState) {
    return this.change(projectId, triggerId, (row) => (row.state === state ? null : { state }));
  }

  private async change(
    projectId: ProjectId,
    triggerId: string,
    decide: (row: TriggerRow) => TriggerChange | null,
  ) {
    const at = new Date(this.clock.now());
    const changed = await this.triggers.update({ projectId, triggerId }, at, (row) => {
      const change = decide(row);
      if (change && row.state === 'archived') {
        throw new Problem(PROBLEMS.conflict, `The trigger ${triggerId} is archived: make a new one.`);
      }
      return change;
    });
    if (!changed) throw notFound('trigger', triggerId);
    this.rules.forget();
    return toTrigger(changed);
  }
}

function toTrigger(row: TriggerRow) {
  return {
    id: row.id,
    name: row.name,
    rule: row.rule,
    version: row.version,
    state: row.state,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
