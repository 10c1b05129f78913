import { z } from 'zod';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { HOLD_REASONS } from '../../kernel/reasons.js';
import { OWN_VARIABLES, TEMPLATE_REF, TIME, USER_ID } from './recall.schema.js';

const RECIPIENT = z
  .strictObject({
    userId: USER_ID.optional(),
    address: STORABLE_TEXT.trim()
      .min(1)
      .max(320)
      .optional()
      .describe('Used instead of the one in the profile'),
    variables: OWN_VARIABLES.default({}).describe('Stronger than those of the request'),
  })
  .refine(({ userId, address }) => userId !== undefined || address !== undefined, {
    message: 'needs a userId, an address or both',
  });

export const SEND_MESSAGES_BODY = z.strictObject({
  template: TEMPLATE_REF,
  channel: z.string().max(40).optional().describe('Default: the channel of the template'),
  recipients: z.array(RECIPIENT).min(1).max(500),
  variables: OWN_VARIABLES.default({}),
  dedupeKey: STORABLE_TEXT.min(1)
    .max(200)
    .regex(/^[^\p{Cc}]+$/u, 'must be one line, without control characters')
    .optional()
    .describe('A recipient gets one message per key, however often it is asked for'),
  sendAt: TIME.optional().describe('Not before; default now'),
});
export type SendMessagesBody = z.infer<typeof SEND_MESSAGES_BODY>;

export const SEND_RESULT = z.object({
  dedupeKey: z.string(),
  planned: z.number().int(),
  held: z.partialRecord(z.enum(HOLD_REASONS), z.number().int()),
  repeated: z.number().int().describe('Recipients who had it under this key already'),
});
