import { Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { ItemRepository } from '../data/item.repository.js';
import { ITEM_TYPE_PAGE } from './item.schema.js';

@ProjectController('item-types', 'Items')
export class ItemTypeController {
  constructor(private readonly repository: ItemRepository) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Types of items, each with the number of its items' })
  @ApiOkResponse({ standardSchema: ITEM_TYPE_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: PAGE_QUERY }) query: PageQuery) {
    const page = { after: fromCursor(query.cursor), limit: query.limit + 1 };
    const rows = await this.repository.listTypes(project.id, page);
    return toPage(rows, query.limit, {
      toKey: ({ itemType }) => itemType,
      toItem: ({ itemType, itemCount, updatedAt }) => ({
        type: itemType,
        itemCount,
        updatedAt: updatedAt.toISOString(),
      }),
    });
  }
}
