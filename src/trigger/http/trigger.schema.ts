import { z } from 'zod';
import { parseUserId } from '../../kernel/ids.js';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { NO_FIRE_REASONS } from '../../kernel/reasons.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';
import { TRIGGER_ACTIONS } from '../actions/index.js';
import { OUTCOMES, TIMER_STATES } from '../core/decision.js';
import { createRuleSchema } from '../core/rule.js';

const STATES = ['active', 'paused', 'archived'] as const;

const RULE = createRuleSchema(TRIGGER_ACTIONS).refine(
  isStorable,
  'contains a character that cannot be stored',
);
const NAME = STORABLE_TEXT.trim().min(1).max(200).describe('For people; also shown in messages and webhooks');

export const CREATE_TRIGGER = z.strictObject({ name: NAME, rule: RULE });
export type CreateTrigger = z.infer<typeof CREATE_TRIGGER>;

export const UPDATE_TRIGGER = z.strictObject({ name: NAME.optional(), rule: RULE.optional() });
export type UpdateTrigger = z.infer<typeof UPDATE_TRIGGER>;

export const TRIGGER = z.object({
  id: z.string(),
  name: z.string(),
  rule: RULE,
  version: z.number().int().describe('Grows with every change of the rule'),
  state: z.enum(STATES),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export const TRIGGER_PAGE = pageOf(TRIGGER);
export const TRIGGER_QUERY = PAGE_QUERY.extend({
  state: z.enum(STATES).optional().describe('Only triggers of this state'),
});
export type TriggerQuery = z.infer<typeof TRIGGER_QUERY>;

const USER = z
  .string()
  .refine((text) => parseUserId(text) !== null, 'must be a user id such as usr_17')
  .optional()
  .describe('Only this user');

export const DECISION_PAGE = pageOf(
  z.object({
    id: z.string(),
    userId: z.string(),
    eventId: z.string().describe('The event decided about; for a wait, the one that opened it'),
    outcome: z.enum(OUTCOMES),
    reason: z.enum(NO_FIRE_REASONS).nullable(),
    causedByEventId: z.string().nullable().describe('The event that ended the wait'),
    triggerVersion: z.number().int(),
    at: z.iso.datetime(),
  }),
);
export const DECISION_QUERY = PAGE_QUERY.extend({
  user: USER,
  outcome: z.enum(OUTCOMES).optional().describe('Only decisions of this outcome'),
});
export type DecisionQuery = z.infer<typeof DECISION_QUERY>;

export const TIMER_PAGE = pageOf(
  z.object({
    id: z.string(),
    userId: z.string(),
    eventId: z.string().describe('The event that opened the wait'),
    triggerVersion: z.number().int(),
    openedAt: z.iso.datetime(),
    dueAt: z.iso.datetime(),
    state: z.enum(TIMER_STATES),
    reason: z.enum(NO_FIRE_REASONS).nullable(),
    settledAt: z.iso.datetime().nullable(),
  }),
);
export const TIMER_QUERY = PAGE_QUERY.extend({
  user: USER,
  state: z.enum(TIMER_STATES).optional().describe('Only timers of this state'),
});
export type TimerQuery = z.infer<typeof TIMER_QUERY>;

function isStorable(value: unknown): boolean {
  let storable = true;
  JSON.stringify(value, (key, item: unknown) => {
    const texts = typeof item === 'string' ? [key, item] : [key];
    storable &&= texts.every((text) => STORABLE_TEXT.safeParse(text).success);
    return item;
  });
  return storable;
}
