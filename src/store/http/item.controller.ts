import { Body, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { notFound } from '../../platform/http-server/problem.js';
import { type Item, ItemRepository } from '../data/item.repository.js';
import { ItemService } from '../item.service.js';
import {
  ITEM,
  ITEM_PAGE,
  ITEM_PATH,
  ITEM_QUERY,
  ITEM_TYPE_PATH,
  type ItemPath,
  type ItemQuery,
  type ItemTypePath,
  SET_ITEM,
  type SetItem,
  type ShownItem,
} from './item.schema.js';

@ProjectController('items', 'Items')
export class ItemController {
  constructor(
    private readonly items: ItemService,
    private readonly repository: ItemRepository,
  ) {}

  @Get(':itemType')
  @Access('viewer')
  @ApiOperation({ summary: 'Items of one type, by id' })
  @ApiOkResponse({ standardSchema: ITEM_PAGE })
  async list(
    @Project() project: RequestProject,
    @Param({ schema: ITEM_TYPE_PATH }) { itemType }: ItemTypePath,
    @Query({ schema: ITEM_QUERY }) query: ItemQuery,
  ) {
    const rows = await this.repository.list(project.id, itemType, {
      contains: query.contains ?? null,
      after: fromCursor(query.cursor),
      limit: query.limit + 1,
    });
    return toPage(rows, query.limit, { toKey: ({ itemId }) => itemId, toItem: toShown });
  }

  @Get(':itemType/:itemId')
  @Access('viewer')
  @ApiOperation({ summary: 'One item' })
  @ApiOkResponse({ standardSchema: ITEM })
  async get(@Project() project: RequestProject, @Param({ schema: ITEM_PATH }) path: ItemPath) {
    return toShown(found(await this.repository.find(project.id, path.itemType, path.itemId), path));
  }

  @Put(':itemType/:itemId')
  @Access('marketer')
  @ApiOperation({ summary: 'Make an item, or replace it' })
  @ApiOkResponse({ standardSchema: ITEM })
  async set(
    @Project() project: RequestProject,
    @Param({ schema: ITEM_PATH }) path: ItemPath,
    @Body({ schema: SET_ITEM }) body: SetItem,
  ) {
    return toShown(
      found(await this.items.set(project.id, path.itemType, path.itemId, body.properties), path),
    );
  }

  @Delete(':itemType/:itemId')
  @HttpCode(204)
  @Access('marketer')
  @ApiOperation({ summary: 'Delete an item' })
  @ApiNoContentResponse()
  async remove(@Project() project: RequestProject, @Param({ schema: ITEM_PATH }) path: ItemPath) {
    if (!(await this.items.remove(project.id, path.itemType, path.itemId)))
      throw notFound(path.itemType, path.itemId);
  }
}

function found(item: Item | null, { itemType, itemId }: ItemPath): Item {
  if (!item) throw notFound(itemType, itemId);
  return item;
}

function toShown({ itemType, itemId, properties, updatedAt }: Item): ShownItem {
  return { type: itemType, id: itemId, properties, updatedAt: updatedAt.toISOString() };
}
