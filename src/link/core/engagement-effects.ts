import type { Effect } from '../../kernel/effects.js';
import { SYSTEM_EVENTS } from '../../kernel/event.js';
import { NO_USER, type ProjectId, type UserId } from '../../kernel/ids.js';
import type { PixelMessage } from './open-pixel.js';

/** A counted click on a link that was made for one recipient. */
export interface RecipientClick {
  clickId: number;
  clickedAt: number;
  linkId: string;
  projectId: ProjectId;
  userId: UserId;
  messageId: string;
  campaignId: string | null;
  targetUrl: string;
}

/** What a recipient's click brings about: an event on the timeline, and `clicked` in the ledger. */
export function toClickEffects(click: RecipientClick): Effect[] {
  const engagement: Effect = {
    kind: 'record_engagement',
    projectId: click.projectId,
    messageId: click.messageId,
    engagement: 'clicked',
    at: click.clickedAt,
  };
  if (click.userId === NO_USER) return [engagement];
  const event: Effect = {
    kind: 'record_event',
    projectId: click.projectId,
    userId: click.userId,
    event: SYSTEM_EVENTS.linkClicked,
    time: click.clickedAt,
    dedupeKey: `click.${click.linkId}.${click.clickId}`,
    properties: {
      link_id: click.linkId,
      message_id: click.messageId,
      ...(click.campaignId === null ? {} : { campaign_id: click.campaignId }),
      url: click.targetUrl,
    },
  };
  return [event, engagement];
}

/** Loads of one message's pixel within this time are one opening: mail clients load it again as one scrolls. */
const SAME_OPEN_MS = 60_000;

/**
 * What an opening brings about. A machine's is an event marked so, and no opening in the ledger: it would make
 * every Apple and Gmail user an avid reader.
 */
export function toOpenEffects(message: PixelMessage, open: { at: number; isMachine: boolean }): Effect[] {
  const { projectId, userId, messageId } = message;
  const slot = Math.floor(open.at / SAME_OPEN_MS);
  const effects: Effect[] = [];
  if (userId !== NO_USER) {
    effects.push({
      kind: 'record_event',
      projectId,
      userId,
      event: SYSTEM_EVENTS.messageOpened,
      time: open.at,
      dedupeKey: `open.${messageId}.${open.isMachine ? 'machine' : 'person'}.${slot}`,
      properties: { message_id: messageId, is_machine: open.isMachine },
    });
  }
  if (!open.isMachine) {
    effects.push({ kind: 'record_engagement', projectId, messageId, engagement: 'opened', at: open.at });
  }
  return effects;
}
