import { Body, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { JsonObject } from '../../kernel/json.js';
import { Clock } from '../../platform/clock/clock.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { compileDerived, derive } from '../core/enrich/derive.js';
import { DerivedPropertyRepository, type DerivedPropertyRow } from '../data/derived-property.repository.js';
import { DerivedProperties } from '../derived-properties.js';
import {
  DERIVED_PROPERTY,
  DERIVED_PROPERTY_INPUT,
  DERIVED_PROPERTY_LIST,
  type DerivedPropertyBody,
  PREVIEW,
  PREVIEWED,
  type Preview,
} from './derived-property.schema.js';

const MAX_PER_PROJECT = 100;

@ProjectController('derived-properties', 'Derived properties')
export class DerivedPropertyController {
  constructor(
    private readonly repository: DerivedPropertyRepository,
    private readonly derived: DerivedProperties,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Derived properties in the order in which they are applied' })
  @ApiOkResponse({ standardSchema: DERIVED_PROPERTY_LIST })
  async list(@Project() project: RequestProject) {
    return { items: (await this.repository.list([project.id])).map(toView) };
  }

  @Post()
  @Access('admin')
  @ApiOperation({ summary: 'Derive a property of records received from now on (within five seconds)' })
  @ApiCreatedResponse({ standardSchema: DERIVED_PROPERTY })
  async create(
    @Project() project: RequestProject,
    @Body({ schema: DERIVED_PROPERTY_INPUT }) body: DerivedPropertyBody,
  ) {
    const now = new Date(this.clock.now());
    const row = await this.repository.insert(project.id, body, { now, limit: MAX_PER_PROJECT });
    if (!row) {
      const detail = `The ${body.scope} property ${body.target} is derived already, or there are ${MAX_PER_PROJECT}.`;
      throw new Problem(PROBLEMS.conflict, detail);
    }
    this.derived.forget(project.id);
    return toView(row);
  }

  @Post('preview')
  @HttpCode(200)
  @Access('viewer')
  @ApiOperation({ summary: 'What a definition makes of a sample; stores nothing' })
  @ApiOkResponse({ standardSchema: PREVIEWED })
  preview(@Body({ schema: PREVIEW }) { definition, properties }: Preview) {
    return derive(compileDerived(definition), (properties as JsonObject)[definition.source]);
  }

  @Get(':derivedPropertyId')
  @Access('viewer')
  @ApiOperation({ summary: 'One derived property; keys are not shown' })
  @ApiOkResponse({ standardSchema: DERIVED_PROPERTY })
  async get(@Project() project: RequestProject, @Param('derivedPropertyId') id: string) {
    const row = await this.repository.find(project.id, id);
    if (!row) throw notFound('derived property', id);
    return toView(row);
  }

  @Put(':derivedPropertyId')
  @Access('admin')
  @ApiOperation({ summary: 'Replace a definition as a whole, its keys included' })
  @ApiOkResponse({ standardSchema: DERIVED_PROPERTY })
  async replace(
    @Project() project: RequestProject,
    @Param('derivedPropertyId') id: string,
    @Body({ schema: DERIVED_PROPERTY_INPUT }) body: DerivedPropertyBody,
  ) {
    const now = new Date(this.clock.now());
    const row = await this.repository.replace(project.id, id, { input: body, now });
    if (!row) throw notFound('derived property', id);
    if (row === 'taken') {
      throw new Problem(PROBLEMS.conflict, `The ${body.scope} property ${body.target} is derived already.`);
    }
    this.derived.forget(project.id);
    return toView(row);
  }

  @Delete(':derivedPropertyId')
  @HttpCode(204)
  @Access('admin')
  @ApiOperation({ summary: 'Derive a property no more; records stored before keep it' })
  @ApiNoContentResponse()
  async remove(@Project() project: RequestProject, @Param('derivedPropertyId') id: string): Promise<void> {
    if (!(await this.repository.remove(project.id, id))) throw notFound('derived property', id);
    this.derived.forget(project.id);
  }
}

function toView({ id, scope, source, target, steps, position, createdAt, updatedAt }: DerivedPropertyRow) {
  return {
    id,
    scope,
    source,
    target,
    position,
    steps: steps.map((step) => (step.op === 'decrypt' ? { op: step.op, cipher: step.cipher } : step)),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
