import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { AdLinkService } from '../ad-link.service.js';
import {
  AD_LINK,
  AD_LINK_PAGE,
  CREATE_AD_LINK,
  type CreateAdLink,
  UPDATE_AD_LINK,
  type UpdateAdLink,
} from './attribution.schema.js';

@ProjectController('ad-links', 'Ad links')
export class AdLinkController {
  constructor(private readonly links: AdLinkService) {}

  @Post()
  @Access('marketer')
  @ApiOperation({ summary: 'Make a monitoring link for an ad network' })
  @ApiCreatedResponse({ standardSchema: AD_LINK })
  create(@Project() project: RequestProject, @Body({ schema: CREATE_AD_LINK }) body: CreateAdLink) {
    return this.links.create(project.id, body);
  }

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Monitoring links, newest first' })
  @ApiOkResponse({ standardSchema: AD_LINK_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: PAGE_QUERY }) page: PageQuery) {
    const rows = await this.links.list(project.id, fromCursor(page.cursor), page.limit + 1);
    return toPage(rows, page.limit, { toKey: (link) => link.id, toItem: (link) => link });
  }

  @Get(':adLinkId')
  @Access('viewer')
  @ApiOperation({ summary: 'One monitoring link' })
  @ApiOkResponse({ standardSchema: AD_LINK })
  get(@Project() project: RequestProject, @Param('adLinkId') id: string) {
    return this.links.get(project.id, id);
  }

  @Patch(':adLinkId')
  @Access('marketer')
  @ApiOperation({ summary: 'Change a monitoring link; its address stays' })
  @ApiOkResponse({ standardSchema: AD_LINK })
  update(
    @Project() project: RequestProject,
    @Param('adLinkId') id: string,
    @Body({ schema: UPDATE_AD_LINK }) body: UpdateAdLink,
  ) {
    return this.links.update(project.id, id, body);
  }

  @Delete(':adLinkId')
  @HttpCode(204)
  @Access('marketer')
  @ApiOperation({ summary: 'Delete a monitoring link that has no clicks' })
  @ApiNoContentResponse()
  remove(@Project() project: RequestProject, @Param('adLinkId') id: string) {
    return this.links.remove(project.id, id);
  }
}
