import { z } from 'zod';
import { MERGE_MEMBERS } from '../../kernel/merge-members.js';
import { PROPERTY_NAME, STORABLE_TEXT } from '../../kernel/property-filter.js';
import { CLAIM_REFUSALS, MERGE_REQUEST_REFUSALS } from '../../kernel/reasons.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';
import { DEFAULT_RULES, DEVICE_KEYS } from '../core/identity-rules.js';

const KEYS = z.array(PROPERTY_NAME).max(50);
const COUNT = z.number().int().min(0);
const USER_ID = z.string().meta({ example: 'usr_42' });
const MERGE_ID = z.string().meta({ example: 'mrg_7' });
const IDENTITY = z.object({ key: z.string(), value: z.string() });

export const IDENTITY_RULES = z
  .strictObject({
    uniqueKeys: KEYS.default([...DEFAULT_RULES.uniqueKeys]).describe(
      'Keys of which a user has one value at most, as of a login. `$identity_login_id` is always one',
    ),
    separateKeys: KEYS.default([]).describe('Keys that join nobody, such as the id of a shared device'),
    blockedValues: z
      .array(STORABLE_TEXT.min(1).max(255))
      .max(1000)
      .default([...DEFAULT_RULES.blockedValues])
      .describe('Values that join nobody under any key, without regard to case. All zeros always are'),
    claimsPerValue: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(DEFAULT_RULES.claimsPerValue)
      .describe('A value that so many further users claimed in vain joins nobody any more'),
    mergesPerUser: z
      .number()
      .int()
      .min(0)
      .max(10_000)
      .default(DEFAULT_RULES.mergesPerUser)
      .describe('So many users can be merged into one'),
  })
  .superRefine((rules, context) => {
    for (const [i, key] of rules.uniqueKeys.entries()) {
      if (!DEVICE_KEYS.has(key) && !rules.separateKeys.includes(key)) continue;
      const message = `${key} names a device or joins nobody, so it cannot be a login.`;
      context.addIssue({ code: 'custom', path: ['uniqueKeys', i], message });
    }
  });
export type SaveRules = z.infer<typeof IDENTITY_RULES>;
export const SHOWN_RULES = z.object({
  uniqueKeys: z.array(z.string()),
  separateKeys: z.array(z.string()),
  blockedValues: z.array(z.string()),
  claimsPerValue: COUNT,
  mergesPerUser: COUNT,
  loginKeys: z
    .array(z.string())
    .describe('Keys of their own under which apps signed users in; they are unique too'),
});

const IDENTITIES_BY_KEY = z.record(z.string(), z.array(z.string()));
export const MERGE = z.object({
  id: MERGE_ID,
  at: z.iso.datetime(),
  from: USER_ID,
  into: USER_ID,
  cause: z
    .object({
      event: z.string().nullable(),
      eventId: z.string().nullable(),
      requestedBy: z.string().nullable().describe('API key of the admin who asked for it'),
    })
    .describe('The record that joined the two, or the admin'),
  identities: z
    .object({ from: IDENTITIES_BY_KEY, into: IDENTITIES_BY_KEY })
    .describe('What each had before; of the user who stays the newest 100'),
  undoneAt: z.iso.datetime().nullable(),
  undoneBy: z.string().nullable(),
});
export const MERGE_PAGE = pageOf(MERGE);

export const MERGE_USERS = MERGE_MEMBERS;
export type MergeUsers = z.infer<typeof MERGE_USERS>;
export const MERGE_REQUEST = z.object({
  id: z.string().meta({ example: 'mrq_01kt3v5m7nz8q2w4x6y0abcdef' }),
  kind: z.enum(['merge', 'undo']),
  state: z.enum(['pending', 'done', 'refused']),
  refusals: z.array(
    z.object({
      reason: z.enum(MERGE_REQUEST_REFUSALS),
      identity: IDENTITY.nullable(),
      user: USER_ID.nullable().describe('The user who cannot be joined, or who has the identity'),
    }),
  ),
  merges: z.array(MERGE_ID),
});

export const REFUSAL_QUERY = PAGE_QUERY.extend({
  reason: z.enum(CLAIM_REFUSALS).optional().describe('Only claims refused for this reason'),
});
export type RefusalQuery = z.infer<typeof REFUSAL_QUERY>;
export const REFUSAL_PAGE = pageOf(
  z.object({
    reason: z.enum(CLAIM_REFUSALS),
    identity: IDENTITY,
    claimedBy: USER_ID.nullable().describe('Null where the reason lies in the identity: any number may have'),
    owner: USER_ID.nullable().describe('Who had the identity then'),
    times: COUNT,
    lastEventId: z.string(),
    firstAt: z.iso.datetime(),
    lastAt: z.iso.datetime(),
  }),
);
