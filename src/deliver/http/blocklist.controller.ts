import { Body, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Clock } from '../../platform/clock/clock.js';
import {
  Access,
  CurrentPrincipal,
  type Principal,
  Project,
  type RequestProject,
} from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { invalidField, notFound } from '../../platform/http-server/problem.js';
import { BlocklistService } from '../blocklist.service.js';
import { ChannelCatalogue } from '../channel-catalogue.js';
import { EVERY_CHANNEL } from '../core/decide-suppression.js';
import { type BlocklistEntry, BlocklistRepository } from '../data/blocklist.repository.js';
import {
  ADD_BLOCK,
  type AddBlock,
  BLOCK_CHECK,
  BLOCK_CHECK_QUERY,
  BLOCK_ENTRY,
  BLOCK_PAGE,
  BLOCK_QUERY,
  type BlockCheckQuery,
  type BlockQuery,
} from './blocklist.schema.js';

@ProjectController('blocklist', 'Blocklist')
export class BlocklistController {
  constructor(
    private readonly blocklist: BlocklistService,
    private readonly entries: BlocklistRepository,
    private readonly catalogue: ChannelCatalogue,
    private readonly clock: Clock,
  ) {}

  @Post()
  @HttpCode(200)
  @Access('marketer')
  @ApiOperation({
    summary: 'Block an address, a user or a domain',
    description: 'Adding what is blocked as long already changes nothing and answers the entry in force.',
  })
  @ApiOkResponse({ standardSchema: BLOCK_ENTRY })
  async add(
    @Project() project: RequestProject,
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: ADD_BLOCK }) body: AddBlock,
  ) {
    this.checkChannel(body.channel, '/channel');
    const expiresAt = body.expiresAt == null ? null : Date.parse(body.expiresAt);
    if (expiresAt !== null && expiresAt <= this.clock.now()) {
      throw invalidField(
        '/expiresAt',
        'in_the_past',
        'The entry would have ended already: give a later time.',
      );
    }
    const { channel, kind, value, reason, note } = body;
    const wanted = { channel, kind, value, reason, note, expiresAt, createdBy: principal.keyId };
    return toEntryView(await this.blocklist.add(project.id, wanted));
  }

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Blocklist entries, newest first' })
  @ApiOkResponse({ standardSchema: BLOCK_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: BLOCK_QUERY }) query: BlockQuery) {
    const filter = {
      channel: query.channel ?? null,
      kind: query.kind ?? null,
      reason: query.reason ?? null,
      search: query.search ?? null,
      includeRemoved: query.includeRemoved,
    };
    const page = { before: fromCursor(query.cursor), limit: query.limit + 1 };
    const rows = await this.entries.list(project.id, filter, page);
    return toPage(rows, query.limit, { toKey: ({ id }) => id, toItem: toEntryView });
  }

  @Get('check')
  @Access('viewer')
  @ApiOperation({ summary: 'May a message go to this address or user, and why not' })
  @ApiOkResponse({ standardSchema: BLOCK_CHECK })
  async check(
    @Project() project: RequestProject,
    @Query({ schema: BLOCK_CHECK_QUERY }) query: BlockCheckQuery,
  ) {
    this.checkChannel(query.channel, '?channel');
    const recipient = {
      channel: query.channel,
      address: query.address ?? null,
      userId: query.user ?? null,
    };
    const entry = await this.blocklist.findBlocking(project.id, recipient);
    return {
      allowed: entry === null,
      reason: entry?.reason ?? null,
      entry: entry === null ? null : toEntryView(entry),
    };
  }

  @Delete(':entryId')
  @HttpCode(204)
  @Access('marketer')
  @ApiOperation({ summary: 'Remove an entry; it stays in the history' })
  @ApiNoContentResponse()
  async remove(
    @Project() project: RequestProject,
    @CurrentPrincipal() principal: Principal,
    @Param('entryId') entryId: string,
  ): Promise<void> {
    const wasThere = await this.blocklist.remove(project.id, entryId, principal.keyId);
    if (!wasThere) throw notFound('blocklist entry in force', entryId);
  }

  private checkChannel(channel: string, pointer: string): void {
    const names = this.catalogue.names();
    if (channel === EVERY_CHANNEL || names.includes(channel)) return;
    throw invalidField(
      pointer,
      'unknown_channel',
      `There is no channel ${channel}: use one of ${names.join(', ')} or *.`,
    );
  }
}

function toEntryView(entry: BlocklistEntry) {
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  const { id, channel, kind, value, reason, note, createdBy, removedBy } = entry;
  return {
    id,
    channel,
    kind,
    value,
    reason,
    note,
    createdBy,
    createdAt: iso(entry.createdAt),
    expiresAt: iso(entry.expiresAt),
    removedAt: iso(entry.removedAt),
    removedBy,
  };
}
