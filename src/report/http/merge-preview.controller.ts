import { Body, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Identities } from '../../identify/contract.js';
import { formatUserId, type UserId } from '../../kernel/ids.js';
import type { Json } from '../../kernel/json.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { Profiles } from '../../store/contract.js';
import { ActivityRepository, type EventCount } from '../data/activity.repository.js';
import { MERGE_PREVIEW, PREVIEW_MERGE, type PreviewMerge } from './report.schema.js';

@ProjectController('merges/preview', 'Identities')
export class MergePreviewController {
  constructor(
    private readonly identities: Identities,
    private readonly profiles: Profiles,
    private readonly activity: ActivityRepository,
  ) {}

  @Post()
  @HttpCode(200)
  @Access('viewer')
  @ApiOperation({ summary: 'What a merge would do, without doing it' })
  @ApiOkResponse({ standardSchema: MERGE_PREVIEW })
  async preview(@Project() project: RequestProject, @Body({ schema: PREVIEW_MERGE }) body: PreviewMerge) {
    const plan = await this.identities.previewMerge(project.id, body);
    const joined = [...(plan.into === null ? [] : [plan.into]), ...plan.from];
    const refused = plan.refusals.flatMap(({ reason, userId }) =>
      userId === null || reason === 'unknown_user' ? [] : [userId],
    );
    const involved = [...new Set([...joined, ...refused])];
    const [users, profile] = await Promise.all([
      this.describe(project.id, involved),
      this.profiles.previewMerge(project.id, joined),
    ]);
    return {
      into: plan.into === null ? null : formatUserId(plan.into),
      from: plan.from.map(formatUserId),
      assigned: plan.assigned,
      refusals: plan.refusals.map(({ reason, identity, userId }) => ({
        reason,
        identity,
        user: userId === null ? null : formatUserId(userId),
      })),
      users,
      profile: {
        properties: profile.properties,
        conflicts: profile.conflicts.map(({ property, kept, lost }) => ({
          property,
          kept: toOwned(kept),
          lost: lost.map(toOwned),
        })),
      },
    };
  }

  private async describe(projectId: number, userIds: readonly UserId[]) {
    const [counts, identities] = await Promise.all([
      this.activity.eventsOf(projectId, userIds),
      Promise.all(userIds.map((userId) => this.identities.identitiesOf(userId))),
    ]);
    return userIds.map((userId, i) => ({
      id: formatUserId(userId),
      identities: identities[i] ?? {},
      events: counts && toEvents(counts.get(userId)),
    }));
  }
}

function toEvents(count: EventCount | undefined) {
  return {
    count: count?.events ?? 0,
    firstAt: count ? new Date(count.firstAt).toISOString() : null,
    lastAt: count ? new Date(count.lastAt).toISOString() : null,
  };
}

function toOwned({ userId, value }: { userId: UserId; value: Json }) {
  return { user: formatUserId(userId), value };
}
