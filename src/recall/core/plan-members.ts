import type { PlannedMessage } from '../../deliver/contract.js';
import type { UserId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Campaign } from './campaign.js';
import { isInControlGroup } from './control-group.js';
import { findAddress } from './find-address.js';
import { moveIntoWindow } from './send-window.js';

const DAY_MS = 24 * 3_600_000;

/** What one planning run has in common for all members. */
export interface PlanContext {
  campaign: Campaign;
  planRunId: string;
  segmentRunId: string;
  templateVersion: number;
  /** Profile property with the address, of the campaign's channel. */
  addressProperty: string;
  /** IANA name: the send window is meant in it. */
  timeZone: string;
  /** ms since 1970 */
  now: number;
}

/**
 * Makes the messages of a page of members.
 *
 * Who has no address is held for that even in the control group: the group has to hold people who could have
 * been reached. Blocklist and frequency cap are left to the ledger, which knows them at the moment of sending.
 */
export function planMembers(
  context: PlanContext,
  members: readonly UserId[],
  profiles: ReadonlyMap<UserId, { properties: JsonObject }>,
): PlannedMessage[] {
  const { campaign } = context;
  const sendAt = moveIntoWindow(
    Math.max(context.now, campaign.sendAt ?? 0),
    campaign.sendWindow,
    context.timeZone,
  );
  const cap = campaign.frequencyCap;
  return members.map((userId) => {
    const address = findAddress(profiles.get(userId)?.properties, context.addressProperty);
    const isControl = address !== null && isInControlGroup(campaign.id, userId, campaign.controlPercent);
    return {
      projectId: campaign.projectId,
      userId,
      channel: campaign.channel,
      address,
      templateId: campaign.templateId,
      templateVersion: context.templateVersion,
      campaignId: campaign.id,
      planRunId: context.planRunId,
      origin: campaign.id,
      dedupeKey: toDedupeKey(campaign, context.segmentRunId, userId),
      variables: campaign.variables,
      holdReason: isControl ? 'control_group' : null,
      sendAt,
      frequencyCap: cap === null ? null : { limit: cap.limit, windowMs: cap.windowDays * DAY_MS },
    };
  });
}

/** With `once` a user has one key for all runs of the campaign, else one per run. */
export function toDedupeKey(
  campaign: Pick<Campaign, 'id' | 'reentry'>,
  segmentRunId: string,
  userId: UserId,
) {
  return campaign.reentry === 'once'
    ? `campaign:${campaign.id}:${userId}`
    : `campaign:${campaign.id}:${segmentRunId}:${userId}`;
}
