import { z } from 'zod';
import { parseUserId } from '../../kernel/ids.js';
import { DELIVERY_REASONS, HOLD_REASONS } from '../../kernel/reasons.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';
import { MESSAGE_STATES } from '../contract.js';

const STATE = z.enum(MESSAGE_STATES);
const REASON = z.enum([...HOLD_REASONS, ...DELIVERY_REASONS]);
const TIME = z.string().nullable();

/** A user as the API writes it; gives the number. */
export const USER_PARAM = z
  .string()
  .transform((text, context) => {
    const userId = parseUserId(text);
    if (userId !== null) return userId;
    context.addIssue({ code: 'custom', message: 'a user is written usr_<number>' });
    return z.NEVER;
  })
  .describe('Id of a user, such as usr_42');

export const MESSAGE_QUERY = PAGE_QUERY.extend({
  campaign: z.string().max(100).optional().describe('Id of a campaign'),
  user: USER_PARAM.optional(),
  state: STATE.optional(),
  reason: REASON.optional().describe('Why it was held, rejected, tried again or given up'),
});
export type MessageQuery = z.infer<typeof MESSAGE_QUERY>;

export const MESSAGE = z.object({
  id: z.string().meta({ example: 'msg_01h455vb4pex5vsknk084sn02q' }),
  userId: z.string().nullable().meta({ example: 'usr_42' }).describe('Null where it goes to an address only'),
  channel: z.string(),
  address: z.string().describe('Empty where the user had none'),
  templateId: z.string(),
  templateVersion: z.number().int(),
  campaignId: z.string().nullable(),
  planRunId: z.string().nullable(),
  origin: z.string().describe('What asked for it: id of a campaign, a trigger or an API client'),
  variables: z.record(z.string(), z.unknown()),
  state: STATE,
  reason: z.string().nullable().describe('One of the closed list; null where the state says it all'),
  detail: z.string().nullable().describe('For people: such as the answer of the mail server'),
  permanent: z.boolean().nullable().describe('Of a rejection: whether it would be rejected again'),
  attempts: z.number().int().describe('How often it was handed to its channel'),
  providerMessageId: z.string().nullable(),
  sendAt: TIME,
  plannedAt: TIME,
  queuedAt: TIME,
  sendingAt: TIME,
  settledAt: TIME,
  openedAt: TIME,
  clickedAt: TIME,
});
export const MESSAGE_PAGE = pageOf(MESSAGE);

export const MESSAGE_WITH_LOG = MESSAGE.extend({
  log: z
    .array(
      z.object({
        at: z.string(),
        state: STATE,
        reason: z.string().nullable(),
        detail: z.string().nullable(),
      }),
    )
    .describe('Every state it entered, oldest first'),
});

export const SETTLE_MESSAGE = z.strictObject({
  state: z.enum(['accepted', 'failed']).describe('What you found out, such as in the log of the mail server'),
  note: z.string().max(500).default('').describe('How you know; kept in the log of the message'),
});
export type SettleMessage = z.infer<typeof SETTLE_MESSAGE>;
