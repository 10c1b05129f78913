import { z } from 'zod';
import { WEBHOOK_FAILURES } from '../../kernel/reasons.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';
import { WEBHOOK_STATES } from '../data/webhook-call.repository.js';

export const WEBHOOK_QUERY = PAGE_QUERY.extend({
  state: z.enum(WEBHOOK_STATES).optional(),
  origin: z.string().max(100).optional().describe('Id of the trigger that asked for the call'),
});
export type WebhookQuery = z.infer<typeof WEBHOOK_QUERY>;

export const WEBHOOK_CALL = z.object({
  id: z.string().meta({ example: 'whk_01h455vb4pex5vsknk084sn02q' }).describe('Also its Idempotency-Key'),
  userId: z.string().meta({ example: 'usr_42' }),
  origin: z.string(),
  url: z.string(),
  body: z.record(z.string(), z.unknown()),
  state: z.enum(WEBHOOK_STATES),
  attempts: z.number().int(),
  nextAttemptAt: z.string().nullable().describe('Null where the call has ended'),
  lastStatus: z.number().int().nullable(),
  lastError: z.enum(WEBHOOK_FAILURES).nullable(),
  lastDetail: z.string().nullable(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
});
export const WEBHOOK_PAGE = pageOf(WEBHOOK_CALL);

export const SIGNING_KEY = z.object({
  key: z.string().describe('Key of the HMAC-SHA256 in the header X-Rekindle-Signature, as text'),
});
