import { Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { isSystemEvent } from '../../kernel/event.js';
import { formatUserId, type ProjectId } from '../../kernel/ids.js';
import { parseIdentity } from '../../kernel/parse-identity.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { invalidField, notFound } from '../../platform/http-server/problem.js';
import { EventStore, type StoredEvent } from '../../store/contract.js';
import { formatTimelineKey, parseTimelineKey } from '../core/timeline-key.js';
import { type FoundUser, UserReader } from '../user-reader.js';
import {
  TIMELINE_PAGE,
  TIMELINE_QUERY,
  type TimelineQuery,
  USER_PAGE,
  USER_QUERY,
  USER_WITH_IDENTITIES,
  type UserQuery,
} from './report.schema.js';

@ProjectController('users', 'Users')
export class UserController {
  constructor(
    private readonly users: UserReader,
    private readonly events: EventStore,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Users, newest first; or the one with an identity' })
  @ApiOkResponse({ standardSchema: USER_PAGE })
  async list(@Project() project: RequestProject, @Query({ schema: USER_QUERY }) query: UserQuery) {
    if (query.identity !== undefined) return this.listByIdentity(project.id, query.identity);
    const before = toUserId(fromCursor(query.cursor));
    const rows = await this.users.list(project.id, before, query.limit + 1);
    return toPage(rows, query.limit, { toKey: ({ profile }) => String(profile.userId), toItem: toUserView });
  }

  @Get(':userId')
  @Access('viewer')
  @ApiOperation({ summary: 'One user: properties and identities' })
  @ApiOkResponse({ standardSchema: USER_WITH_IDENTITIES })
  async get(@Project() project: RequestProject, @Param('userId') userId: string) {
    const user = await this.users.find(project.id, userId);
    if (!user) throw notFound('user', userId);
    return { ...toUserView(user), identities: user.identities };
  }

  @Get(':userId/timeline')
  @Access('viewer')
  @ApiOperation({ summary: 'What a user did, and what Rekindle did about it; newest first' })
  @ApiOkResponse({ standardSchema: TIMELINE_PAGE })
  async timeline(
    @Project() project: RequestProject,
    @Param('userId') userId: string,
    @Query({ schema: TIMELINE_QUERY }) query: TimelineQuery,
  ) {
    const key = fromCursor(query.cursor);
    const before = key === null ? null : parseTimelineKey(key);
    if (key !== null && before === null) throw invalidCursor();
    const user = await this.find(project.id, userId);
    const rows = await this.events.timeline(project.id, user.profile.userId, {
      limit: query.limit + 1,
      before,
      ...(query.events ? { events: query.events } : {}),
    });
    return toPage(rows, query.limit, { toKey: formatTimelineKey, toItem: toTimelineView });
  }

  private async listByIdentity(projectId: ProjectId, text: string) {
    const identity = parseIdentity(text);
    if (!identity) throw invalidField('?identity', 'invalid_identity', 'Write an identity as <key>:<value>.');
    const user = await this.users.findByIdentity(projectId, identity);
    return { items: user ? [toUserView(user)] : [], nextCursor: null };
  }

  private async find(projectId: ProjectId, id: string): Promise<FoundUser> {
    const user = await this.users.find(projectId, id);
    if (!user) throw notFound('user', id);
    return user;
  }
}

function toUserView({ askedId, profile: { userId, properties, updatedAt } }: FoundUser) {
  return {
    id: formatUserId(userId),
    mergedInto: askedId === userId ? null : formatUserId(userId),
    properties,
    updatedAt: updatedAt === null ? null : new Date(updatedAt).toISOString(),
  };
}

function toTimelineView(event: StoredEvent) {
  return {
    eventId: event.eventId,
    event: event.event,
    isSystem: isSystemEvent(event.event),
    distinctId: event.distinctId,
    time: new Date(event.time).toISOString(),
    clientTime: new Date(event.clientTime).toISOString(),
    receivedAt: new Date(event.receivedAt).toISOString(),
    source: event.source,
    properties: event.properties,
  };
}

function toUserId(key: string | null): number | null {
  if (key === null) return null;
  if (!/^[1-9]\d{0,15}$/.test(key)) throw invalidCursor();
  return Number(key);
}

function invalidCursor() {
  return invalidField('?cursor', 'invalid_cursor', 'Use the nextCursor of a page as it came.');
}
