import { z } from 'zod';
import { parseUserId } from '../../kernel/ids.js';
import { ANY_DEFINITION } from '../core/sql-definition.js';

const USER = z
  .string()
  .refine((text) => parseUserId(text) !== null, 'must be the id of a user, such as usr_42')
  .describe('usr_<number>');
const AS_OF = z.iso
  .datetime({ offset: true })
  .optional()
  .describe('The moment to explain for, in the past; default: now. The profile is the present one');

export const EXPLAIN_QUERY = z.strictObject({ user: USER, asOf: AS_OF });
export type ExplainQuery = z.infer<typeof EXPLAIN_QUERY>;

export const EXPLAIN_DEFINITION = z.strictObject({ definition: ANY_DEFINITION, user: USER, asOf: AS_OF });
export type ExplainDefinition = z.infer<typeof EXPLAIN_DEFINITION>;

const INSTANT = z.iso.datetime();
const EVENT = z.object({ eventId: z.string(), event: z.string(), time: INSTANT });
const CONDITION = z.object({
  pointer: z.string().describe('JSON Pointer from where on'),
  kind: z.string(),
  holds: z.boolean(),
  condition: z.unknown().describe('As it was asked; null for a group'),
  actual: z
    .union([z.number(), INSTANT])
    .nullable()
    .describe('What was measured; null where there is no value'),
  threshold: z.object({ op: z.string(), value: z.union([z.number(), INSTANT]) }).nullable(),
  source: z
    .object({ id: z.string(), asOf: INSTANT })
    .nullable()
    .describe('The snapshot or run that the value was read from'),
  window: z.object({ from: INSTANT.nullable(), until: INSTANT }).nullable(),
  eventCount: z.number().int().describe('Events that were measured, or that make the sequence'),
  firstEvents: z.array(EVENT),
  lastEvents: z.array(EVENT),
  get children() {
    return z.array(CONDITION);
  },
});
const CHANGE = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('events'),
    event: z.string(),
    count: z.number().int(),
    properties: z.record(z.string(), z.unknown()),
  }),
  z.object({ kind: z.literal('sequence'), events: z.array(z.string()) }),
  z.object({ kind: z.literal('profile'), property: z.string(), value: z.unknown() }),
  z.object({ kind: z.literal('list'), list: z.string(), isOnList: z.boolean() }),
  z.object({ kind: z.literal('wait'), until: INSTANT }),
]);
export const EXPLANATION = z.object({
  userId: z.string().describe('The user as merged'),
  asOf: INSTANT,
  isMember: z.boolean(),
  where: CONDITION,
  changes: z.array(CHANGE).describe('Changes that alone flip the answer, the smallest first; at most 5'),
});
