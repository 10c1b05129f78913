import { Body, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { FEATURE_SETTINGS, type FeatureSettings } from '../core/feature-settings.js';
import { FeatureCatalogue } from '../feature-catalogue.service.js';
import {
  DEFINE_FEATURE,
  type DefineFeature,
  FEATURE,
  FEATURE_LIST,
  LIST_FEATURES,
  type ListFeatures,
} from './feature.schema.js';
import { toFeature } from './to-answer.js';

@ProjectController('features', 'Features')
export class FeatureController {
  constructor(private readonly catalogue: FeatureCatalogue) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'The library of features and those of the project, with what their numbers mean' })
  @ApiOkResponse({ standardSchema: FEATURE_LIST })
  async list(@Project() project: RequestProject, @Query({ schema: LIST_FEATURES }) query: ListFeatures) {
    const features = (await this.catalogue.list(project.id)).map(toFeature);
    return { items: features.filter(({ family }) => query.family === undefined || family === query.family) };
  }

  @Get(':name')
  @Access('viewer')
  @ApiOperation({ summary: 'One feature' })
  @ApiOkResponse({ standardSchema: FEATURE })
  async get(@Project() project: RequestProject, @Param('name') name: string) {
    return toFeature(await this.catalogue.get(project.id, name));
  }

  @Post()
  @Access('marketer')
  @ApiOperation({ summary: 'Define a feature of the project; it never changes' })
  @ApiCreatedResponse({ standardSchema: FEATURE })
  async define(@Project() project: RequestProject, @Body({ schema: DEFINE_FEATURE }) body: DefineFeature) {
    await this.catalogue.define(project.id, { ...body, description: body.description ?? '' });
    return toFeature(await this.catalogue.get(project.id, body.name));
  }

  @Delete(':name')
  @HttpCode(204)
  @Access('marketer')
  @ApiOperation({ summary: 'Delete a feature of the project; feature sets that were saved with it keep it' })
  @ApiNoContentResponse()
  async remove(@Project() project: RequestProject, @Param('name') name: string) {
    await this.catalogue.remove(project.id, name);
  }
}

@ProjectController('feature-settings', 'Features')
export class FeatureSettingsController {
  constructor(private readonly catalogue: FeatureCatalogue) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Thresholds of the lifecycle, and which event is a payment' })
  @ApiOkResponse({ standardSchema: FEATURE_SETTINGS })
  get(@Project() project: RequestProject) {
    return this.catalogue.settings(project.id);
  }

  @Put()
  @Access('marketer')
  @ApiOperation({ summary: 'Set them; feature sets take them up when their definition is saved again' })
  @ApiOkResponse({ standardSchema: FEATURE_SETTINGS })
  async set(@Project() project: RequestProject, @Body({ schema: FEATURE_SETTINGS }) body: FeatureSettings) {
    await this.catalogue.setSettings(project.id, body);
    return body;
  }
}
