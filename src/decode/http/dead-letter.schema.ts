import { z } from 'zod';
import { DEAD_REASONS } from '../../kernel/reasons.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';

const FILTER = {
  reason: z.enum(DEAD_REASONS).optional().describe('Only letters with this reason'),
  source: z.string().max(100).optional().describe('Only letters of this event source, such as `sensorsdata`'),
  contains: z
    .string()
    .min(1)
    .max(200)
    .refine((text) => !text.includes('\u0000'), 'has no character U+0000')
    .optional()
    .describe('Text that stands in the detail or in the payload'),
  receivedFrom: z.iso.datetime().optional().describe('Received at this moment or later'),
  receivedTo: z.iso.datetime().optional().describe('Received before this moment'),
};
export const DEAD_LETTER_FILTER = z.object(FILTER);
export type DeadLetterFilterQuery = z.infer<typeof DEAD_LETTER_FILTER>;
export const DEAD_LETTER_QUERY = PAGE_QUERY.extend(FILTER);
export type DeadLetterQuery = z.infer<typeof DEAD_LETTER_QUERY>;

export const DEAD_LETTER = z.object({
  id: z.string().meta({ example: 'ded_01kt3v5m7nz8q2w4x6y0abcdef' }),
  receivedAt: z.iso.datetime(),
  source: z.string().describe('Event source that the request was for'),
  reason: z.enum(DEAD_REASONS),
  detail: z.string().describe('What was wrong, for people'),
  payload: z.object({
    encoding: z.enum(['text', 'base64']),
    content: z.string().describe('The request or the record as it came; in lists only its beginning'),
    bytes: z.int().describe('Bytes kept'),
    isCut: z
      .boolean()
      .describe('More than 64 KiB came and only the beginning was kept: it cannot be replayed'),
  }),
  ip: z.string(),
  createdAt: z.iso.datetime(),
});
export type ShownDeadLetter = z.infer<typeof DEAD_LETTER>;
export const DEAD_LETTER_PAGE = pageOf(DEAD_LETTER);

export const REPLAY = z.strictObject({
  intoThisProject: z
    .boolean()
    .default(false)
    .describe(
      'Needed for `unknown_project`, `wrong_token` and `origin_not_allowed`: store the records in the project of this address',
    ),
});
export type Replay = z.infer<typeof REPLAY>;

export const REPLAYED = z.object({
  id: z.string(),
  replayed: z.literal(true),
  accepted: z.int().describe('Records of it that can be stored'),
  rejected: z.int().describe('Records of it that become dead letters again'),
});

export const REPLAY_MANY = z.strictObject({
  filter: z.strictObject(FILTER).default({}).describe('Which letters; without it all of the project'),
  intoThisProject: REPLAY.shape.intoThisProject,
  limit: z.int().min(1).max(500).default(100).describe('How many letters are tried at the most'),
  cursor: z.string().max(500).optional().describe('`nextCursor` of the answer before'),
});
export type ReplayMany = z.infer<typeof REPLAY_MANY>;

const KEPT = z.object({
  id: z.string(),
  replayed: z.literal(false),
  code: z
    .enum(['payload_cut', 'consent_needed', ...DEAD_REASONS])
    .describe('Why the letter stays; a reason of dead letters where it would become one again'),
  detail: z.string(),
});
export const REPLAYED_MANY = z.object({
  replayed: z.int().describe('How many letters went through the flow again'),
  items: z
    .array(z.discriminatedUnion('replayed', [REPLAYED, KEPT]))
    .describe('What became of each, oldest first'),
  nextCursor: z.string().nullable().describe('Null where no further letter is left to try'),
});

export const REASON_COUNTS = z.object({
  items: z.array(
    z.object({
      reason: z.enum(DEAD_REASONS),
      letters: z.int(),
      firstReceivedAt: z.iso.datetime(),
      lastReceivedAt: z.iso.datetime(),
    }),
  ),
});
