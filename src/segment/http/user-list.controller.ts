import { Body, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { ROWS, TakesFile, type Upload, UploadBody } from '../../platform/http-server/upload.js';
import { type UploadMode, type UserList, UserListRepository } from '../data/user-list.repository.js';
import { ListUploader } from '../list-uploader.service.js';
import { UserListService } from '../user-list.service.js';
import {
  CREATE_LIST,
  type CreateList,
  UPDATE_LIST,
  UPLOAD_QUERY,
  type UpdateList,
  type UploadQuery,
  USER_LIST,
  USER_LIST_PAGE,
} from './user-list.schema.js';

@ProjectController('lists', 'Lists')
export class UserListController {
  constructor(
    private readonly lists: UserListService,
    private readonly uploader: ListUploader,
    private readonly repository: UserListRepository,
  ) {}

  @Post()
  @Access('marketer')
  @ApiOperation({ summary: 'Make an empty list of users' })
  @ApiCreatedResponse({ standardSchema: USER_LIST })
  async create(@Project() project: RequestProject, @Body({ schema: CREATE_LIST }) body: CreateList) {
    return toShown(await this.lists.create(project.id, body));
  }

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Lists, newest first' })
  @ApiOkResponse({ standardSchema: USER_LIST_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: PAGE_QUERY }) query: PageQuery) {
    const rows = await this.repository.list(project.id, fromCursor(query.cursor), query.limit + 1);
    return toPage(rows, query.limit, { toKey: ({ id }) => id, toItem: toShown });
  }

  @Get(':listId')
  @Access('viewer')
  @ApiOperation({ summary: 'One list, with what its last upload came to' })
  @ApiOkResponse({ standardSchema: USER_LIST })
  async get(@Project() project: RequestProject, @Param('listId') listId: string) {
    return toShown(await this.lists.get(project.id, listId));
  }

  @Patch(':listId')
  @Access('marketer')
  @ApiOperation({ summary: 'Change name or description' })
  @ApiOkResponse({ standardSchema: USER_LIST })
  async update(
    @Project() project: RequestProject,
    @Param('listId') listId: string,
    @Body({ schema: UPDATE_LIST }) body: UpdateList,
  ) {
    return toShown(await this.lists.update(project.id, listId, body));
  }

  @Put(':listId/users')
  @TakesFile(ROWS)
  @Access('marketer')
  @ApiOperation({ summary: 'Replace the users of a list by those of a file' })
  @ApiOkResponse({ standardSchema: USER_LIST })
  replace(
    @Project() project: RequestProject,
    @Param('listId') listId: string,
    @Query({ schema: UPLOAD_QUERY }) query: UploadQuery,
    @UploadBody() body: Upload,
  ) {
    return this.upload(project, { listId, mode: 'replace', query, body });
  }

  @Post(':listId/users')
  @HttpCode(200)
  @TakesFile(ROWS)
  @Access('marketer')
  @ApiOperation({ summary: 'Add the users of a file to a list' })
  @ApiOkResponse({ standardSchema: USER_LIST })
  append(
    @Project() project: RequestProject,
    @Param('listId') listId: string,
    @Query({ schema: UPLOAD_QUERY }) query: UploadQuery,
    @UploadBody() body: Upload,
  ) {
    return this.upload(project, { listId, mode: 'append', query, body });
  }

  @Post(':listId/users/remove')
  @HttpCode(200)
  @TakesFile(ROWS)
  @Access('marketer')
  @ApiOperation({ summary: 'Take the users of a file off a list' })
  @ApiOkResponse({ standardSchema: USER_LIST })
  remove(
    @Project() project: RequestProject,
    @Param('listId') listId: string,
    @Query({ schema: UPLOAD_QUERY }) query: UploadQuery,
    @UploadBody() body: Upload,
  ) {
    return this.upload(project, { listId, mode: 'remove', query, body });
  }

  @Delete(':listId')
  @HttpCode(204)
  @Access('marketer')
  @ApiOperation({ summary: 'Delete a list that no segment asks for' })
  @ApiNoContentResponse()
  async delete(@Project() project: RequestProject, @Param('listId') listId: string) {
    await this.lists.delete(project.id, listId);
  }

  private async upload(
    project: RequestProject,
    wish: { listId: string; mode: UploadMode; query: UploadQuery; body: Upload },
  ) {
    const { listId, mode, query, body } = wish;
    const file = {
      format: body.type === 'text/csv' ? ('csv' as const) : ('jsonl' as const),
      column: query.column ?? null,
      bytes: body.bytes(),
    };
    return toShown(await this.uploader.upload(project.id, listId, { mode, file }));
  }
}

function toShown({ projectId: _, uploads: _uploads, ...list }: UserList) {
  return {
    ...list,
    matchedAt: list.matchedAt.toISOString(),
    changedAt: list.changedAt.toISOString(),
    createdAt: list.createdAt.toISOString(),
  };
}
