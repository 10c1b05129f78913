import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import {
  Access,
  CurrentPrincipal,
  type Principal,
  Project,
  type RequestProject,
} from '../../platform/http-server/access.js';
import { InstallationController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { AccessService } from '../access.service.js';
import { AccessRepository, type ApiKeyRow } from '../data/access.repository.js';
import {
  API_KEY_LIST,
  AUDIT_PAGE,
  COLLECT_TOKEN_LIST,
  CREATE_API_KEY,
  CREATE_COLLECT_TOKEN,
  CREATE_PROJECT,
  CREATED_API_KEY,
  CREATED_COLLECT_TOKEN,
  type CreateApiKey,
  type CreateCollectToken,
  type CreateProject,
  PROJECT,
  PROJECT_LIST,
  UPDATE_PROJECT,
  type UpdateProject,
} from './access.schema.js';

@InstallationController('projects', 'Projects and keys')
export class ProjectController {
  constructor(
    private readonly access: AccessService,
    private readonly repository: AccessRepository,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Projects that the key can reach' })
  @ApiOkResponse({ standardSchema: PROJECT_LIST })
  async list(@CurrentPrincipal() principal: Principal) {
    const projects = await this.access.list();
    return {
      items: projects
        .filter(({ id }) => principal.projectId === null || principal.projectId === id)
        .map(toProject),
    };
  }

  @Post()
  @Access('admin', { installation: true })
  @ApiOperation({ summary: 'Make a project' })
  @ApiCreatedResponse({ standardSchema: PROJECT })
  async create(@Body({ schema: CREATE_PROJECT }) body: CreateProject) {
    const project = await this.repository.insertProject(body);
    if (!project) throw new Problem(PROBLEMS.conflict, `There is a project ${body.slug} already.`);
    this.access.forget();
    return toProject(project);
  }

  @Get(':project')
  @Access('viewer')
  @ApiOperation({ summary: 'One project' })
  @ApiOkResponse({ standardSchema: PROJECT })
  get(@Param('project') _slug: string, @Project() project: RequestProject) {
    return toProject(project);
  }

  @Patch(':project')
  @Access('admin')
  @ApiOperation({ summary: 'Change name or time zone' })
  @ApiOkResponse({ standardSchema: PROJECT })
  async update(
    @Param('project') _slug: string,
    @Project() project: RequestProject,
    @Body({ schema: UPDATE_PROJECT }) body: UpdateProject,
  ) {
    const updated = await this.repository.updateProject(project.id, body);
    this.access.forget();
    return toProject(updated);
  }

  @Get(':project/keys')
  @Access('admin')
  @ApiOperation({ summary: 'API keys of the project, without their text' })
  @ApiOkResponse({ standardSchema: API_KEY_LIST })
  async listKeys(@Param('project') _slug: string, @Project() project: RequestProject) {
    return { items: (await this.repository.listKeys(project.id)).map(toKey) };
  }

  @Post(':project/keys')
  @Access('admin')
  @ApiOperation({ summary: 'Make an API key of the project; its text is shown once' })
  @ApiCreatedResponse({ standardSchema: CREATED_API_KEY })
  createKey(
    @Param('project') _slug: string,
    @Project() project: RequestProject,
    @Body({ schema: CREATE_API_KEY }) body: CreateApiKey,
  ) {
    return this.access.createKey({ projectId: project.id, ...body });
  }

  @Delete(':project/keys/:keyId')
  @HttpCode(204)
  @Access('admin')
  @ApiOperation({ summary: 'Revoke an API key; it stops working within five seconds' })
  @ApiNoContentResponse()
  async revokeKey(
    @Param('project') _slug: string,
    @Project() project: RequestProject,
    @Param('keyId') keyId: string,
  ) {
    if (!(await this.repository.revokeKey(project.id, keyId))) throw notFound('API key', keyId);
    this.access.forget();
  }

  @Post(':project/collect-tokens')
  @Access('admin')
  @ApiOperation({ summary: 'Make a collect token; from then on SDKs of the project must send one' })
  @ApiCreatedResponse({ standardSchema: CREATED_COLLECT_TOKEN })
  async createToken(
    @Param('project') _slug: string,
    @Project() project: RequestProject,
    @Body({ schema: CREATE_COLLECT_TOKEN }) body: CreateCollectToken,
  ) {
    return { token: await this.access.createCollectToken(project.id, body.name) };
  }

  @Get(':project/collect-tokens')
  @Access('admin')
  @ApiOperation({ summary: 'Collect tokens of the project, without their text' })
  @ApiOkResponse({ standardSchema: COLLECT_TOKEN_LIST })
  async listTokens(@Param('project') _slug: string, @Project() project: RequestProject) {
    const rows = await this.repository.listCollectTokens(project.id);
    return { items: rows.map(({ name, createdAt }) => ({ name, createdAt: createdAt.toISOString() })) };
  }

  @Delete(':project/collect-tokens/:name')
  @HttpCode(204)
  @Access('admin')
  @ApiOperation({ summary: 'Remove the collect tokens of a name' })
  @ApiNoContentResponse()
  async removeTokens(
    @Param('project') _slug: string,
    @Project() project: RequestProject,
    @Param('name') name: string,
  ) {
    if ((await this.repository.deleteCollectTokens(project.id, name)) === 0)
      throw notFound('collect token', name);
    this.access.forget();
  }

  @Get(':project/audit')
  @Access('admin')
  @ApiOperation({ summary: 'Writes to the admin API, newest first' })
  @ApiOkResponse({ standardSchema: AUDIT_PAGE })
  async audit(
    @Param('project') _slug: string,
    @Project() project: RequestProject,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    const rows = await this.repository.listAudit(project.id, fromCursor(page.cursor), page.limit + 1);
    return toPage(rows, page.limit, {
      toKey: (row) => row.id,
      toItem: ({ projectId: _projectId, ...row }) => ({ ...row, at: row.at.toISOString() }),
    });
  }
}

function toProject(project: RequestProject) {
  return { slug: project.slug, name: project.name, timeZone: project.timeZone };
}

function toKey(row: ApiKeyRow) {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.createdAt.toISOString(),
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
