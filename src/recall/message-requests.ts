import { Injectable } from '@nestjs/common';
import { Channels, Ledger, type PlannedMessage, type PlanResult } from '../deliver/contract.js';
import type { RequestMessage } from '../kernel/effects.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import { NO_USER } from '../kernel/ids.js';
import type { JsonObject } from '../kernel/json.js';
import { Clock } from '../platform/clock/clock.js';
import { Profiles } from '../store/contract.js';
import { findAddress } from './core/find-address.js';
import type { TemplateRow } from './data/template.repository.js';
import { TemplateService } from './template.service.js';

/** One message that is asked for outside of campaigns. */
export interface DirectMessage {
  projectId: ProjectId;
  /** NO_USER where it goes to an address only. */
  userId: UserId;
  /** Used instead of the profile's; null takes that of the profile. */
  address: string | null;
  channel: string;
  /** Id or slug. */
  template: string;
  origin: string;
  dedupeKey: string;
  variables: JsonObject;
  /** Not before, ms since 1970; null for now. */
  sendAt: number | null;
}

/** Plans messages that triggers and API clients ask for. */
@Injectable()
export class MessageRequests {
  constructor(
    private readonly templates: TemplateService,
    private readonly profiles: Profiles,
    private readonly channels: Channels,
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  async planRequests(requests: readonly RequestMessage[]): Promise<void> {
    await this.plan(
      requests.map(({ kind: _kind, templateId, ...request }) => ({
        ...request,
        template: templateId,
        address: null,
        sendAt: null,
      })),
    );
  }

  /** Every message ends up in the ledger: one whose template or channel does not exist is held there. */
  async plan(messages: readonly DirectMessage[]): Promise<PlanResult> {
    const templates = await this.findTemplates(messages);
    const addresses = await this.findAddresses(messages);
    const now = this.clock.now();
    return this.ledger.plan(
      messages.map((message, index): PlannedMessage => {
        const template = templates.get(templateKey(message));
        const { projectId, userId, channel, origin, dedupeKey, variables } = message;
        return {
          projectId,
          userId,
          channel,
          origin,
          dedupeKey,
          variables,
          address: addresses[index] ?? null,
          templateId: template?.id ?? message.template,
          templateVersion: template?.version ?? 0,
          campaignId: null,
          planRunId: null,
          holdReason: template ? null : 'template_error',
          sendAt: Math.max(now, message.sendAt ?? 0),
          frequencyCap: null,
        };
      }),
    );
  }

  private async findTemplates(messages: readonly DirectMessage[]): Promise<Map<string, TemplateRow>> {
    const found = new Map<string, TemplateRow>();
    const asked = new Map(messages.map((message) => [templateKey(message), message]));
    for (const [key, { projectId, template }] of asked) {
      const row = await this.templates.find(projectId, template);
      if (row) found.set(key, row);
    }
    return found;
  }

  /** @returns the address of each message, in order */
  private async findAddresses(messages: readonly DirectMessage[]): Promise<(string | null)[]> {
    const known = new Set(this.channels.names());
    const profiles = new Map<ProjectId, Awaited<ReturnType<Profiles['read']>>>();
    for (const projectId of new Set(messages.map((message) => message.projectId))) {
      const needed = messages.filter(
        (message) => message.projectId === projectId && message.address === null,
      );
      const userIds = [...new Set(needed.map(({ userId }) => userId))].filter((userId) => userId !== NO_USER);
      profiles.set(projectId, await this.profiles.read(projectId, userIds));
    }
    return messages.map(({ projectId, userId, address, channel }) => {
      if (address !== null || !known.has(channel)) return address;
      const profile = profiles.get(projectId)?.get(userId);
      return findAddress(profile?.properties, this.channels.addressProperty(channel));
    });
  }
}

function templateKey({ projectId, template }: { projectId: ProjectId; template: string }): string {
  return `${projectId} ${template}`;
}
