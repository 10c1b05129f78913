import { Body, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isId, type ProjectId } from '../../kernel/ids.js';
import { Clock } from '../../platform/clock/clock.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { LinkRepository, type LinkRow } from '../data/link.repository.js';
import { LinkAddresses } from '../link-addresses.js';
import { type CreatedLink, LinkCatalogue } from '../link-catalogue.js';
import { QrImages } from '../qr-images.js';
import {
  CREATE_LINK,
  CREATE_LINKS,
  CREATED_LINK,
  CREATED_LINKS,
  type CreateLinks,
  LINK_PAGE,
  LINK_QR_QUERY,
  LINK_QUERY,
  LINK_WITH_COUNTS,
  type LinkQrQuery,
  type LinkQuery,
  type NewLinkBody,
  UPDATE_LINK,
  type UpdateLink,
} from './link.schema.js';
import { toChange, toDrafts } from './link-input.js';
import { toLinkView } from './link-view.js';
import { sendQr } from './send-qr.js';

@ProjectController('links', 'Links')
export class LinkController {
  constructor(
    private readonly catalogue: LinkCatalogue,
    private readonly repository: LinkRepository,
    private readonly addresses: LinkAddresses,
    private readonly images: QrImages,
    private readonly clock: Clock,
  ) {}

  @Post()
  @Access('marketer')
  @ApiOperation({ summary: 'Make a short link' })
  @ApiCreatedResponse({ standardSchema: CREATED_LINK })
  async create(@Project() project: RequestProject, @Body({ schema: CREATE_LINK }) body: NewLinkBody) {
    const [link] = await this.createAll(project.id, [body], () => '');
    if (!link) throw new Error('No link was made.');
    return link;
  }

  @Post('bulk')
  @Access('marketer')
  @ApiOperation({ summary: 'Make up to 500 short links: all of them or none' })
  @ApiCreatedResponse({ standardSchema: CREATED_LINKS })
  async createMany(@Project() project: RequestProject, @Body({ schema: CREATE_LINKS }) body: CreateLinks) {
    return { items: await this.createAll(project.id, body.links, (i) => `/links/${i}`) };
  }

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Links, newest first' })
  @ApiOkResponse({ standardSchema: LINK_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: LINK_QUERY }) query: LinkQuery) {
    const filter = { kind: query.kind, search: query.search ?? null };
    const page = { before: fromCursor(query.cursor), limit: query.limit + 1 };
    const rows = await this.repository.list(project.id, filter, page);
    return toPage(rows, query.limit, { toKey: ({ id }) => id, toItem: (row) => this.view(row) });
  }

  @Get(':linkId')
  @Access('viewer')
  @ApiOperation({ summary: 'One link with its counts' })
  @ApiOkResponse({ standardSchema: LINK_WITH_COUNTS })
  async get(@Project() project: RequestProject, @Param('linkId') linkId: string) {
    return this.viewWithCounts(await this.find(project.id, linkId));
  }

  @Patch(':linkId')
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({ summary: 'Disable a link, or change its target, title, expiry or limit' })
  @ApiOkResponse({ standardSchema: LINK_WITH_COUNTS })
  async update(
    @Project() project: RequestProject,
    @Param('linkId') linkId: string,
    @Body({ schema: UPDATE_LINK }) body: UpdateLink,
  ) {
    const link = await this.find(project.id, linkId);
    const change = toChange(body, link.targetUrl, this.addresses.base);
    const updated = await this.catalogue.update(project.id, linkId, change);
    if (!updated) throw notFound('link', linkId);
    return this.viewWithCounts(updated);
  }

  @Get(':linkId/qr')
  @Access('viewer')
  @ApiOperation({ summary: 'QR code of a link' })
  @ApiProduces('image/png', 'image/svg+xml')
  async qr(
    @Project() project: RequestProject,
    @Param('linkId') linkId: string,
    @Query({ schema: LINK_QR_QUERY }) query: LinkQrQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const link = await this.find(project.id, linkId);
    sendQr(request, reply, await this.images.draw(this.addresses.scan(link.code), query.format, query));
  }

  private async createAll(
    projectId: ProjectId,
    bodies: readonly NewLinkBody[],
    pointerOf: (position: number) => string,
  ) {
    const drafts = toDrafts(bodies, this.addresses.base, pointerOf);
    const result = await this.catalogue.create(projectId, drafts);
    if (result.kind === 'slug_taken') {
      const slugs = result.positions.map((i) => bodies[i]?.slug).join(', ');
      throw new Problem(
        PROBLEMS.conflict,
        `Taken already: ${slugs}. Choose other slugs; no link was made.`,
        result.positions.map((i) => ({
          pointer: `${pointerOf(i)}/slug`,
          code: 'slug_taken',
          detail: `${bodies[i]?.slug} is taken already`,
        })),
      );
    }
    return result.links.map((created: CreatedLink) => ({ ...this.view(created.link), isNew: created.isNew }));
  }

  private async find(projectId: ProjectId, linkId: string): Promise<LinkRow> {
    const link = isId('link', linkId) ? await this.repository.find(projectId, linkId) : null;
    if (!link) throw notFound('link', linkId);
    return link;
  }

  private async viewWithCounts(link: LinkRow) {
    return { ...this.view(link), counts: await this.repository.counts(link.id) };
  }

  private view(link: LinkRow) {
    return toLinkView(link, this.addresses, this.clock.now());
  }
}
