import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { parseUserId } from '../../kernel/ids.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { notFound } from '../../platform/http-server/problem.js';
import { FeatureTables } from '../data/feature-tables.js';
import { FeatureSetService } from '../feature-set.service.js';
import { Snapshots } from '../snapshots.service.js';
import {
  CREATE_FEATURE_SET,
  type CreateFeatureSet,
  FEATURE_SET_DETAIL,
  FEATURE_SET_PAGE,
  FEATURE_SET_SAVED,
  UPDATE_FEATURE_SET,
  type UpdateFeatureSet,
  USER_VALUES,
} from './feature-set.schema.js';
import { toFeatureSet, toNamedValues, toSnapshotSummary } from './to-answer.js';

@ProjectController('feature-sets', 'Features')
export class FeatureSetController {
  constructor(
    private readonly sets: FeatureSetService,
    private readonly snapshots: Snapshots,
    private readonly tables: FeatureTables,
  ) {}

  @Post()
  @Access('marketer')
  @ApiOperation({ summary: 'Make a feature set' })
  @ApiCreatedResponse({ standardSchema: FEATURE_SET_SAVED })
  async create(
    @Project() project: RequestProject,
    @Body({ schema: CREATE_FEATURE_SET }) body: CreateFeatureSet,
  ) {
    return toFeatureSet(await this.sets.create(project, body));
  }

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Feature sets, newest first' })
  @ApiOkResponse({ standardSchema: FEATURE_SET_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: PAGE_QUERY }) page: PageQuery) {
    const before = fromCursor(page.cursor);
    const rows = await this.tables.sets.list(project.id, { before, limit: page.limit + 1 });
    return toPage(rows, page.limit, { toKey: ({ id }) => id, toItem: toFeatureSet });
  }

  @Get(':setId')
  @Access('viewer')
  @ApiOperation({ summary: 'One feature set, with its latest finished snapshot' })
  @ApiOkResponse({ standardSchema: FEATURE_SET_DETAIL })
  async get(@Project() project: RequestProject, @Param('setId') setId: string) {
    const set = await this.sets.get(project.id, setId);
    const latest = await this.tables.snapshots.findLatestDone(project.id, setId);
    return { ...toFeatureSet(set), latestSnapshot: latest && toSnapshotSummary(latest) };
  }

  @Patch(':setId')
  @Access('marketer')
  @ApiOperation({ summary: 'Change a feature set' })
  @ApiOkResponse({ standardSchema: FEATURE_SET_SAVED })
  async update(
    @Project() project: RequestProject,
    @Param('setId') setId: string,
    @Body({ schema: UPDATE_FEATURE_SET }) body: UpdateFeatureSet,
  ) {
    return toFeatureSet(await this.sets.update(project, setId, body));
  }

  @Delete(':setId')
  @HttpCode(204)
  @Access('marketer')
  @ApiOperation({ summary: 'Archive a feature set; its snapshots stay readable' })
  @ApiNoContentResponse()
  async archive(@Project() project: RequestProject, @Param('setId') setId: string) {
    await this.sets.archive(project.id, setId);
  }

  @Get(':setId/users/:userId')
  @Access('viewer')
  @ApiOperation({ summary: 'Values of a user in the latest finished snapshot' })
  @ApiOkResponse({ standardSchema: USER_VALUES })
  async ofUser(
    @Project() project: RequestProject,
    @Param('setId') setId: string,
    @Param('userId') userIdText: string,
  ) {
    const userId = parseUserId(userIdText);
    if (userId === null) throw notFound('user', userIdText);
    await this.sets.get(project.id, setId);
    const ref = await this.snapshots.latestSnapshot(project.id, setId);
    if (!ref) throw notFound('finished snapshot of', setId);
    const values = (await this.snapshots.valuesOf(ref, [userId])).get(userId);
    return {
      userId: userIdText,
      snapshotId: ref.snapshotId,
      cutoff: new Date(ref.cutoff).toISOString(),
      values: values ? toNamedValues(ref.features, values) : null,
    };
  }
}
