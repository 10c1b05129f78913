import { z } from 'zod';
import { parseUserId } from '../../kernel/ids.js';
import { BLOCK_REASONS } from '../../kernel/reasons.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';
import { BLOCK_KINDS, EVERY_CHANNEL } from '../core/decide-suppression.js';
import { USER_PARAM } from './message.schema.js';

const CHANNEL = z.string().min(1).max(32).describe('Name of a channel, or * for every one');
const KIND = z.enum(BLOCK_KINDS);
const REASON = z.enum(BLOCK_REASONS);
const TIME = z.string().nullable();
const withoutNul = (text: string) => !text.includes('\u0000');

const DOMAIN = /^@?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?$/i;

export const ADD_BLOCK = z
  .strictObject({
    channel: CHANNEL.default(EVERY_CHANNEL),
    kind: KIND.describe('What the value is; a domain blocks every domain below it too'),
    value: z
      .string()
      .trim()
      .min(1)
      .max(320)
      .refine(withoutNul, 'must not hold a NUL character')
      .meta({ example: 'ann@example.com' }),
    reason: REASON.default('manual'),
    note: z.string().max(500).refine(withoutNul, 'must not hold a NUL character').default(''),
    expiresAt: z.iso.datetime({ offset: true }).nullish().describe('Until when; for ever where left out'),
  })
  .refine(({ kind, value }) => kind !== 'user' || parseUserId(value) !== null, {
    message: 'a user is written usr_<number>',
    path: ['value'],
  })
  .refine(({ kind, value }) => kind !== 'domain' || DOMAIN.test(value), {
    message: 'a domain is written like example.com',
    path: ['value'],
  });
export type AddBlock = z.infer<typeof ADD_BLOCK>;

export const BLOCK_ENTRY = z.object({
  id: z.string().meta({ example: 'blk_01h455vb4pex5vsknk084sn02q' }),
  channel: CHANNEL,
  kind: KIND,
  value: z.string(),
  reason: REASON,
  note: z.string(),
  createdBy: z.string().describe('Id of the API key'),
  createdAt: z.string(),
  expiresAt: TIME,
  removedAt: TIME,
  removedBy: z.string().nullable(),
});
export const BLOCK_PAGE = pageOf(BLOCK_ENTRY);

export const BLOCK_QUERY = PAGE_QUERY.extend({
  channel: CHANNEL.optional(),
  kind: KIND.optional(),
  reason: REASON.optional(),
  search: z.string().min(1).max(320).optional().describe('Part of an address, a domain or a user id'),
  includeRemoved: z.stringbool().default(false).describe('Also entries that were removed: the history'),
});
export type BlockQuery = z.infer<typeof BLOCK_QUERY>;

export const BLOCK_CHECK_QUERY = z
  .object({
    channel: z.string().min(1).max(32),
    address: z.string().min(1).max(320).optional(),
    user: USER_PARAM.optional(),
  })
  .refine(({ address, user }) => address !== undefined || user !== undefined, {
    message: 'give an address, a user or both',
    path: ['address'],
  });
export type BlockCheckQuery = z.infer<typeof BLOCK_CHECK_QUERY>;

export const BLOCK_CHECK = z.object({
  allowed: z.boolean(),
  reason: REASON.nullable(),
  entry: BLOCK_ENTRY.nullable().describe('The entry that blocks'),
});
