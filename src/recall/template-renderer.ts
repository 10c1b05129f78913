import { Injectable } from '@nestjs/common';
import { Projects } from '../access/contract.js';
import { formatUserId, NO_USER, type ProjectId, type UserId } from '../kernel/ids.js';
import type { JsonObject } from '../kernel/json.js';
import type { HoldReason } from '../kernel/reasons.js';
import { Links } from '../link/contract.js';
import { log } from '../platform/log/log.js';
import { type Profile, Profiles } from '../store/contract.js';
import { type ComputedOfUsers, ComputedValues } from './computed-values.js';
import { type MessageToRender, type RenderedMessage, Rendering } from './contract.js';
import type { Campaign } from './core/campaign.js';
import { computedNamesOf } from './core/computed-names.js';
import { type TrackableMessage, toTrackable, trackMessage } from './core/track-message.js';
import { CampaignRepository } from './data/campaign.repository.js';
import type { CompiledTemplate, Draft } from './render/compiled-template.js';
import { TemplateService, versionKey } from './template.service.js';

type Drafted = Extract<Draft, { kind: 'drafted' }>;
type Held = Extract<RenderedMessage, { kind: 'held' }>;

interface DraftedMessage {
  message: MessageToRender;
  trackable: TrackableMessage;
}

/** What all messages of a batch are rendered with. */
interface BatchFacts {
  templates: Map<string, CompiledTemplate>;
  campaigns: Map<string, Campaign>;
  profiles: Map<ProjectId, Map<UserId, Profile>>;
  computed: Map<ProjectId, ComputedOfUsers>;
}

const UNUSABLE = 'The template does not exist any more, or cannot be used.';

/** Renders messages right before they are sent, so that they say what is true now. */
@Injectable()
export class TemplateRenderer extends Rendering {
  constructor(
    private readonly templates: TemplateService,
    private readonly campaigns: CampaignRepository,
    private readonly profiles: Profiles,
    private readonly projects: Projects,
    private readonly links: Links,
    private readonly computed: ComputedValues,
  ) {
    super();
  }

  async render(messages: readonly MessageToRender[]): Promise<Map<string, RenderedMessage>> {
    const facts = await this.readFacts(messages);
    const results = new Map<string, RenderedMessage>();
    const drafted: DraftedMessage[] = [];
    for (const message of messages) {
      const draft = await this.draft(message, facts);
      if (draft.kind === 'drafted') drafted.push({ message, trackable: toTrackable(draft) });
      else results.set(message.id, draft);
    }
    const shortUrls = await this.shorten(drafted);
    for (const { message, trackable } of drafted) {
      const { id: messageId, projectId, userId } = message;
      const pixelUrl = this.links.pixelUrl({ projectId, messageId, userId });
      const content = trackMessage(trackable, shortUrls.get(messageId) ?? new Map(), pixelUrl);
      const from = findCampaign(message, facts)?.sender ?? null;
      results.set(messageId, { kind: 'rendered', content: { ...content, from } });
    }
    return results;
  }

  /**
   * One message as it would be sent, without tracking and without a row in the ledger.
   * @param message.variables may stand in for what is read from a campaign and, with NO_USER, from a user
   */
  async preview(
    template: { templateId: string; version: number },
    message: { projectId: ProjectId; userId: UserId; variables: JsonObject },
  ): Promise<{ kind: 'previewed'; subject: string; html: string; text: string } | Exclude<Draft, Drafted>> {
    const toRender = {
      ...message,
      id: 'preview',
      templateId: template.templateId,
      templateVersion: template.version,
      campaignId: null,
    };
    const facts = await this.readFacts([toRender]);
    const compiled = facts.templates.get(versionKey(template));
    if (!compiled) return { kind: 'failed', detail: UNUSABLE };
    const { profile, user, computed, ...own } = await this.variablesFor(toRender, facts);
    const ofUser = { profile: profile ?? {}, user: user ?? {}, computed: computed ?? {} };
    const variables =
      message.userId === NO_USER
        ? { ...own, ...ofUser, ...message.variables }
        : { ...own, ...message.variables, ...ofUser };
    const draft = compiled.draft(variables, (await this.projects.get(message.projectId)).timeZone);
    if (draft.kind !== 'drafted') return draft;
    return { kind: 'previewed', ...trackMessage(toTrackable(draft), new Map(), null) };
  }

  private async draft(message: MessageToRender, facts: BatchFacts): Promise<Drafted | Held> {
    if (findCampaign(message, facts)?.state === 'stopped') {
      return held('campaign_stopped', 'The campaign was stopped before it was sent.');
    }
    const template = facts.templates.get(versionKey(toVersion(message)));
    if (!template) return held('template_error', UNUSABLE);
    const variables = await this.variablesFor(message, facts);
    const { timeZone } = await this.projects.get(message.projectId);
    try {
      const draft = template.draft(variables, timeZone);
      if (draft.kind === 'missing') return held('missing_variable', draft.names.join(', '));
      return draft.kind === 'failed' ? held('template_error', draft.detail) : draft;
    } catch (error) {
      // A bug; but it may hold this one message only, not all that are sent with it.
      log.error({ err: error, messageId: message.id }, 'a message could not be rendered');
      return held('template_error', 'The template failed; the cause is in the log.');
    }
  }

  private async readFacts(messages: readonly MessageToRender[]): Promise<BatchFacts> {
    const campaignIds = new Set(
      messages.flatMap(({ campaignId }) => (campaignId === null ? [] : [campaignId])),
    );
    const users = new Map<ProjectId, Set<UserId>>();
    for (const { projectId, userId } of messages) {
      if (userId !== NO_USER) users.set(projectId, (users.get(projectId) ?? new Set()).add(userId));
    }
    const templates = await this.templates.compile(messages.map(toVersion));
    const names = computedNamesOf(
      [...templates.values()].flatMap((each) => [...each.requiredVariables, ...each.optionalVariables]),
    );
    const profiles = new Map<ProjectId, Map<UserId, Profile>>();
    const computed = new Map<ProjectId, ComputedOfUsers>();
    for (const [projectId, userIds] of users) {
      profiles.set(projectId, await this.profiles.read(projectId, [...userIds]));
      computed.set(projectId, await this.computed.read(projectId, names, [...userIds]));
    }
    return {
      profiles,
      computed,
      templates,
      campaigns: await this.campaigns.findMany([...campaignIds]),
    };
  }

  /** The names of RESERVED_VARIABLES are Rekindle's; everything else is the message's own. */
  private async variablesFor(message: MessageToRender, facts: BatchFacts): Promise<JsonObject> {
    const { slug, name } = await this.projects.get(message.projectId);
    const campaign = findCampaign(message, facts);
    const profile = facts.profiles.get(message.projectId)?.get(message.userId);
    return {
      ...message.variables,
      profile: profile?.properties ?? {},
      computed: { ...facts.computed.get(message.projectId)?.get(message.userId) },
      user: { id: message.userId === NO_USER ? null : formatUserId(message.userId) },
      project: { slug, name },
      campaign: campaign ? { id: campaign.id, name: campaign.name } : null,
      message: { id: message.id },
    };
  }

  /** @returns per message the short link of each target; one request for all messages */
  private async shorten(drafted: readonly DraftedMessage[]): Promise<Map<string, Map<string, string>>> {
    const asked = drafted.flatMap(({ message, trackable }) =>
      trackable.targets.map((targetUrl) => ({
        projectId: message.projectId,
        targetUrl,
        userId: message.userId,
        messageId: message.id,
        campaignId: message.campaignId,
      })),
    );
    const urls = asked.length === 0 ? [] : await this.links.createForRecipients(asked);
    const byMessage = new Map<string, Map<string, string>>();
    asked.forEach(({ messageId, targetUrl }, index) => {
      const own = byMessage.get(messageId) ?? new Map<string, string>();
      byMessage.set(messageId, own.set(targetUrl, urls[index] ?? targetUrl));
    });
    return byMessage;
  }
}

function toVersion({ templateId, templateVersion }: MessageToRender) {
  return { templateId, version: templateVersion };
}

function findCampaign(message: MessageToRender, facts: BatchFacts): Campaign | undefined {
  return message.campaignId === null ? undefined : facts.campaigns.get(message.campaignId);
}

function held(reason: HoldReason, detail: string): Held {
  return { kind: 'held', reason, detail };
}
