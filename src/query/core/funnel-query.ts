import { z } from 'zod';
import { DEFAULT_TOP, EVENT_NAME, FILTERS, PROFILE_FILTERS, TOP } from './event-choice.js';
import { GROUP } from './group.js';
import { TIME_RANGE } from './time-range.js';

const AMOUNT = z.number().int().min(1);
const WINDOW = z
  .strictObject({
    days: AMOUNT.max(366).optional(),
    hours: AMOUNT.max(8_784).optional(),
    minutes: AMOUNT.max(527_040).optional(),
  })
  .refine((given) => Object.values(given).filter((amount) => amount !== undefined).length === 1, {
    message: 'must have exactly one of days, hours, minutes',
  });

/**
 * Who went through some steps in order.
 *
 * An attempt begins with an event of the first step within the range. Each further step is the first event of that step
 * at or after the moment of the step before it, and not later than the window from the attempt's beginning; it may lie
 * behind the end of the range. An event counts for one step only: where an earlier step asks for the same event, a
 * step's event has to be later than that one. A person counts with the attempt that gets furthest; of several, with
 * the first.
 */
export const FUNNEL_QUERY = z.strictObject({
  steps: z
    .array(z.strictObject({ event: EVENT_NAME, where: FILTERS.optional() }))
    .min(2)
    .max(10)
    .describe('In order; each is an event, and filters that it has to meet'),
  range: TIME_RANGE.describe('When an attempt has to begin'),
  window: WINDOW.describe('How long an attempt may take, from its first step'),
  profile: PROFILE_FILTERS,
  breakdown: GROUP.optional().describe('What the first step of the attempt is grouped by'),
  top: TOP.describe(
    `How many groups are shown, those with most persons first; the others are counted together. Default ${DEFAULT_TOP}`,
  ),
});
export type FunnelQuery = z.infer<typeof FUNNEL_QUERY>;

/** Length of the window in ms. */
export function windowOf({ window: { days = 0, hours = 0, minutes = 0 } }: FunnelQuery): number {
  return ((days * 24 + hours) * 60 + minutes) * 60_000;
}

/** Which of the steps before a step asks for the same event; the last of them, null where there is none. */
export function sameEventBefore(steps: FunnelQuery['steps'], step: number): number | null {
  const before = steps.slice(0, step).findLastIndex(({ event }) => event === steps[step]?.event);
  return before === -1 ? null : before;
}
