import { z } from 'zod';
import { MESSAGE_STATES } from '../../deliver/contract.js';
import { MERGE_MEMBERS } from '../../kernel/merge-members.js';
import { HOLD_REASONS, MERGE_REQUEST_REFUSALS } from '../../kernel/reasons.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';

const COUNT = z.number().int().min(0);
const RATE = z.number().nullable();

export const USER_QUERY = PAGE_QUERY.extend({
  identity: z
    .string()
    .max(1000)
    .refine((text) => !text.includes('\u0000'), 'must not hold a NUL character')
    .optional()
    .describe('Find one person by an identity: `<key>:<value>`')
    .meta({ example: '$identity_login_id:u-1001' }),
});
export type UserQuery = z.infer<typeof USER_QUERY>;

export const USER = z.object({
  id: z.string().meta({ example: 'usr_42' }),
  mergedInto: z
    .string()
    .nullable()
    .describe('The person who is shown, where the one asked for was merged into them'),
  properties: z.record(z.string(), z.unknown()),
  updatedAt: z.iso.datetime().nullable().describe('Last change of the properties'),
});
export const USER_PAGE = pageOf(USER);
export const USER_WITH_IDENTITIES = USER.extend({
  identities: z.record(z.string(), z.array(z.string())).describe('Every identity of the person, by key'),
});

export const TIMELINE_QUERY = PAGE_QUERY.extend({
  events: z
    .string()
    .max(2000)
    .transform((text) => text.split(',').filter((name) => name !== ''))
    .optional()
    .describe('Only events of these names, separated by commas'),
});
export type TimelineQuery = z.infer<typeof TIMELINE_QUERY>;
export const TIMELINE_PAGE = pageOf(
  z.object({
    eventId: z.string(),
    event: z.string(),
    isSystem: z.boolean().describe('Recorded by Rekindle, such as $MessageSent or $LinkClicked'),
    distinctId: z.string(),
    time: z.iso.datetime().describe('Corrected by the clock of the server'),
    clientTime: z.iso.datetime(),
    receivedAt: z.iso.datetime(),
    source: z.string(),
    properties: z.record(z.string(), z.unknown()),
  }),
);

export const CAMPAIGN_REPORT = z.object({
  campaign: z.object({ id: z.string(), name: z.string(), channel: z.string() }),
  planned: COUNT.describe('Messages in the ledger'),
  sent: COUNT.describe('Accepted by the channel'),
  held: z.object({ total: COUNT, byReason: z.partialRecord(z.enum(HOLD_REASONS), COUNT) }),
  underWay: COUNT.describe('Planned, queued or being sent'),
  rejected: COUNT,
  failed: COUNT,
  unknown: COUNT.describe('A crash hid the answer of the channel; never sent again'),
  cancelled: COUNT,
  opened: COUNT.describe('Messages opened by a person; machine openings do not count'),
  clicked: COUNT,
  returned: z.object({
    reached: COUNT.describe('Persons who got at least one message'),
    users: COUNT.describe('Of these, persons with an event of their own within the window behind a message'),
    windowMs: COUNT,
    closesAt: z.iso.datetime().nullable().describe('When the newest window ends'),
    isFinal: z.boolean().describe('No window is open any more'),
  }),
  rates: z
    .object({ sent: RATE, opened: RATE, clicked: RATE, returned: RATE })
    .describe(
      'Fractions: of planned, of sent, of sent, of reached; null where there is nothing to divide by',
    ),
  conservation: z
    .object({
      isConserved: z.boolean(),
      planned: COUNT,
      accountedFor: COUNT,
      byState: z.record(z.enum(MESSAGE_STATES), COUNT),
      held: COUNT,
      heldWithReason: COUNT,
    })
    .describe('Every planned message is in exactly one state, and every held one has a reason'),
});

export const OVERVIEW = z.object({
  hours: z
    .array(z.object({ hour: z.iso.datetime(), events: COUNT, users: COUNT }))
    .length(24)
    .describe('The last 24 hours, oldest first; what Rekindle records itself is left out'),
  messages: z
    .object({
      since: z.iso.datetime(),
      byState: z.record(z.enum(MESSAGE_STATES), COUNT),
      heldByReason: z.partialRecord(z.enum(HOLD_REASONS), COUNT),
      opened: COUNT,
      clicked: COUNT,
    })
    .describe('Messages planned within these hours, by their present state'),
});

const USER_ID = z.string().meta({ example: 'usr_42' });
const IDENTITY = z.object({ key: z.string(), value: z.string() });
const OWNED_VALUE = z.object({ user: USER_ID, value: z.unknown() });

export const PREVIEW_MERGE = MERGE_MEMBERS;
export type PreviewMerge = z.infer<typeof PREVIEW_MERGE>;
export const MERGE_PREVIEW = z.object({
  into: USER_ID.nullable().describe('Who would stay; null where nobody has any of the identities'),
  from: z.array(USER_ID).describe('Who would be merged into them'),
  assigned: z.array(IDENTITY).describe('Identities that nobody has and the user who stays would get'),
  refusals: z
    .array(
      z.object({
        reason: z.enum(MERGE_REQUEST_REFUSALS),
        identity: IDENTITY.nullable(),
        user: USER_ID.nullable(),
      }),
    )
    .describe('With any of these nothing is merged'),
  users: z.array(
    z.object({
      id: USER_ID,
      identities: z.record(z.string(), z.array(z.string())),
      events: z
        .object({
          count: COUNT,
          firstAt: z.iso.datetime().nullable(),
          lastAt: z.iso.datetime().nullable(),
        })
        .nullable()
        .describe('Without what Rekindle records itself; null where counting would cost too much'),
    }),
  ),
  profile: z.object({
    properties: z.record(z.string(), z.unknown()).describe('What the user who stays would have'),
    conflicts: z
      .array(z.object({ property: z.string(), kept: OWNED_VALUE, lost: z.array(OWNED_VALUE) }))
      .describe('Properties of which the users have different values'),
  }),
});
