import { z } from 'zod';
import type { ProjectId } from '../../kernel/ids.js';
import { PROPERTY_FILTER, PROPERTY_NAME } from '../../kernel/property-filter.js';
import { FEATURE_FILTER, SCORE_FILTER } from '../../kernel/value-filter.js';
import type { TriggerActionDefinition } from './trigger-action.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const MAX_WAIT_MS = 90 * DAY_MS;
/** Decisions to fire are kept longer than this, so that the longest cooldown finds them. */
const MAX_COOLDOWN_MS = 365 * DAY_MS;

const DURATION_PART = z.number().int().min(1).max(100_000);
const DURATION = z.strictObject({
  seconds: DURATION_PART.optional(),
  minutes: DURATION_PART.optional(),
  hours: DURATION_PART.optional(),
  days: DURATION_PART.optional(),
});
/** A length of time; its parts add up. */
export type Duration = z.infer<typeof DURATION>;

export function durationMs(duration: Duration): number {
  return (
    (duration.seconds ?? 0) * SECOND_MS +
    (duration.minutes ?? 0) * MINUTE_MS +
    (duration.hours ?? 0) * HOUR_MS +
    (duration.days ?? 0) * DAY_MS
  );
}

const durationUpTo = (maxMs: number) =>
  DURATION.refine((duration) => durationMs(duration) > 0, {
    message: 'needs at least one of seconds, minutes, hours, days',
  }).refine((duration) => durationMs(duration) <= maxMs, {
    message: `is longer than ${maxMs / DAY_MS} days`,
  });

const EVENT_NAME = z.string().min(1).max(100);
const WHERE = z
  .array(PROPERTY_FILTER)
  .max(50)
  .default([])
  .describe('Conditions on the properties of the event; every one must hold');

const VALUES = z
  .array(z.union([FEATURE_FILTER, SCORE_FILTER]))
  .min(1)
  .max(10)
  .describe('Conditions on what was computed of the user last; every one must hold');

const ON = z.strictObject({
  event: EVENT_NAME.describe('Name of the event that the trigger listens to'),
  where: WHERE,
  values: VALUES.optional(),
});
const UNLESS = z.strictObject({
  event: EVENT_NAME.describe('The event that must not follow'),
  where: WHERE,
  within: durationUpTo(MAX_WAIT_MS).describe(
    'How long is waited for it, from the receipt of the first event',
  ),
  sameProperty: PROPERTY_NAME.optional().describe(
    'The event only counts when this property has the same value as in the first event',
  ),
});

/** One action of a rule: its registered type and that action's own parameters. */
export interface RuleAction {
  type: string;
  [param: string]: unknown;
}

/**
 * The rule language, version 1, with the registered actions.
 * @param actions at least one; their names become the closed list of `type`
 */
export function createRuleSchema(actions: readonly TriggerActionDefinition[]) {
  const [first, ...rest] = actions.map((action) =>
    z.strictObject({ type: z.literal(action.name), ...action.params.shape }),
  );
  if (!first) throw new Error('No trigger action is registered.');
  const action: z.ZodType<RuleAction> = z.discriminatedUnion('type', [first, ...rest]);
  return z.strictObject({
    version: z.literal(1).describe('Version of the rule language'),
    on: ON,
    unless: UNLESS.optional().describe('Fire only when this event does not follow in time'),
    cooldown: durationUpTo(MAX_COOLDOWN_MS)
      .optional()
      .describe('After firing for a user, the trigger does not fire for that user again for so long'),
    latenessHours: z
      .number()
      .positive()
      .max(720)
      .default(24)
      .describe(
        'What would fire later than this, because the service was down or the event came late, does not',
      ),
    actions: z.array(action).min(1).max(10),
  });
}

/** A stored rule: checked when it was written, defaults filled in. */
export type TriggerRule = z.infer<ReturnType<typeof createRuleSchema>>;

/** One version of a trigger, as the matcher works with it. */
export interface TriggerVersion {
  triggerId: string;
  version: number;
  projectId: ProjectId;
  name: string;
  rule: TriggerRule;
  /** The newest version of an active trigger: only such a one fires and opens timers. */
  isCurrent: boolean;
}
