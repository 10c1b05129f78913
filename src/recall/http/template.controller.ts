import { Body, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Channels } from '../../deliver/contract.js';
import { NO_USER } from '../../kernel/ids.js';
import {
  Access,
  CurrentPrincipal,
  type Principal,
  Project,
  type RequestProject,
} from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { invalidField, notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { TemplateRepository, type TemplateRow } from '../data/template.repository.js';
import { findFaults, type TemplateSources } from '../render/compiled-template.js';
import { TemplateService, versionKey } from '../template.service.js';
import { TemplateRenderer } from '../template-renderer.js';
import {
  CREATE_TEMPLATE,
  type CreateTemplate,
  PREVIEW,
  PREVIEW_TEMPLATE,
  type PreviewTemplate,
  TEMPLATE,
  TEMPLATE_PAGE,
  TEMPLATE_QUERY,
  TEMPLATE_VERSIONS,
  type TemplateQuery,
  WRITE_TEMPLATE,
  type WriteTemplate,
} from './template.schema.js';

@ProjectController('templates', 'Templates')
export class TemplateController {
  constructor(
    private readonly templates: TemplateService,
    private readonly repository: TemplateRepository,
    private readonly renderer: TemplateRenderer,
    private readonly channels: Channels,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Templates of the project, newest first; those that came as files too' })
  @ApiOkResponse({ standardSchema: TEMPLATE_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: PAGE_QUERY }) page: PageQuery) {
    const rows = await this.templates.list(project.id, fromCursor(page.cursor), page.limit + 1);
    return toPage(rows, page.limit, { toKey: (row) => row.id, toItem: toSummary });
  }

  @Post()
  @Access('marketer')
  @ApiOperation({ summary: 'Make a template' })
  @ApiCreatedResponse({ standardSchema: TEMPLATE })
  async create(
    @Project() project: RequestProject,
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: CREATE_TEMPLATE }) body: CreateTemplate,
  ) {
    const { slug, channel, ...content } = body;
    if (!this.channels.names().includes(channel)) {
      const known = this.channels.names().join(', ');
      throw invalidField(
        '/channel',
        'unknown_channel',
        `There is no channel ${channel}; there are ${known}.`,
      );
    }
    assertSources(content);
    const taken = await this.templates.find(project.id, slug);
    const row = taken
      ? null
      : await this.repository.insert(
          { projectId: project.id, slug, channel, source: 'api' },
          content,
          principal.keyId,
        );
    if (!row) {
      throw new Problem(
        PROBLEMS.conflict,
        `There is a template ${slug} already: write a version of it with PUT.`,
      );
    }
    return this.show(row, row.version);
  }

  @Get(':template')
  @Access('viewer')
  @ApiOperation({ summary: 'One template, by id or slug, with the variables that it needs' })
  @ApiOkResponse({ standardSchema: TEMPLATE })
  async get(
    @Project() project: RequestProject,
    @Param('template') idOrSlug: string,
    @Query({ schema: TEMPLATE_QUERY }) query: TemplateQuery,
  ) {
    const row = await this.getRow(project, idOrSlug);
    return this.show(row, query.version ?? row.version);
  }

  @Put(':template')
  @Access('marketer')
  @ApiOperation({
    summary: 'Write a new version; new messages use it, planned ones keep theirs',
    description: 'The same content as that of the newest version makes no new one.',
  })
  @ApiOkResponse({ standardSchema: TEMPLATE })
  async write(
    @Project() project: RequestProject,
    @CurrentPrincipal() principal: Principal,
    @Param('template') idOrSlug: string,
    @Body({ schema: WRITE_TEMPLATE }) body: WriteTemplate,
  ) {
    assertSources(body);
    const { id } = await this.getRow(project, idOrSlug);
    const row = await this.repository.addVersion(id, body, { source: 'api', createdBy: principal.keyId });
    return this.show(row, row.version);
  }

  @Get(':template/versions')
  @Access('viewer')
  @ApiOperation({ summary: 'Versions of a template, newest first, 500 at most' })
  @ApiOkResponse({ standardSchema: TEMPLATE_VERSIONS })
  async versions(@Project() project: RequestProject, @Param('template') idOrSlug: string) {
    const { id } = await this.getRow(project, idOrSlug);
    const items = await this.repository.listVersions(id);
    return { items: items.map((item) => ({ ...item, createdAt: item.createdAt.toISOString() })) };
  }

  @Post(':template/preview')
  @HttpCode(200)
  @Access('viewer')
  @ApiOperation({
    summary: 'Show a message as it would be sent',
    description:
      'Links are not shortened and nothing is counted. Without a user the sample stands in for one.',
  })
  @ApiOkResponse({ standardSchema: PREVIEW })
  async preview(
    @Project() project: RequestProject,
    @Param('template') idOrSlug: string,
    @Body({ schema: PREVIEW_TEMPLATE }) body: PreviewTemplate,
  ) {
    const row = await this.getRow(project, idOrSlug);
    const content = await this.getVersion(row, body.version ?? row.version);
    const result = await this.renderer.preview(content, {
      projectId: project.id,
      userId: body.userId ?? NO_USER,
      variables: { ...content.sample, ...body.variables },
    });
    const nothing = { subject: null, html: null, text: null, missingVariables: [], error: null };
    switch (result.kind) {
      case 'missing':
        return { ...nothing, missingVariables: result.names };
      case 'failed':
        return { ...nothing, error: result.detail };
      case 'previewed':
        return { ...nothing, subject: result.subject, html: result.html, text: result.text };
    }
  }

  private async getRow(project: RequestProject, idOrSlug: string): Promise<TemplateRow> {
    const row = await this.templates.find(project.id, idOrSlug);
    if (!row) throw notFound('template', idOrSlug);
    return row;
  }

  private async getVersion(row: TemplateRow, version: number) {
    const content = await this.repository.findVersion(row.id, version);
    if (!content) throw notFound(`version ${version} of the template`, row.slug);
    return content;
  }

  private async show(row: TemplateRow, version: number) {
    const { subject, html, text, sample, ...shown } = await this.getVersion(row, version);
    const compiled = (await this.templates.compile([shown])).get(versionKey(shown));
    return {
      ...toSummary(row),
      shownVersion: version,
      subject,
      html,
      text,
      sample,
      requiredVariables: compiled?.requiredVariables ?? [],
      optionalVariables: compiled?.optionalVariables ?? [],
    };
  }
}

function toSummary({ projectId: _projectId, ...row }: TemplateRow) {
  return { ...row, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() };
}

/** @throws Problem that names every part that cannot be used */
function assertSources(sources: TemplateSources): void {
  if (sources.html.trim() === '' && sources.text.trim() === '') {
    throw invalidField('/text', 'empty_template', 'Give a text, html or both.');
  }
  const errors = findFaults(sources).map(({ part, message }) => ({
    pointer: `/${part}`,
    code: 'invalid_handlebars',
    detail: message,
  }));
  if (errors.length > 0) {
    throw new Problem(PROBLEMS.invalidRequest, errors.map(({ detail }) => detail).join('; '), errors);
  }
}
