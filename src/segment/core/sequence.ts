import { z } from 'zod';
import { PROPERTY_FILTER, type PropertyFilter, STORABLE_TEXT } from '../../kernel/property-filter.js';
import { PERIOD, type Period, WINDOW, type Window } from './window.js';

/** Name of an event, or of any event of the user's own. */
export const EVENT_NAME = STORABLE_TEXT.min(1).max(200);
export const FILTERS = z.array(PROPERTY_FILTER).max(50);

const EVENT_CHOICE = z.strictObject({ event: EVENT_NAME, where: FILTERS.optional() });
/** Events of a name that meet every filter. */
export interface EventChoice {
  event: string;
  where?: PropertyFilter[] | undefined;
}

/** Most steps of a sequence. */
export const MAX_STEPS = 5;

const STEP = EVENT_CHOICE.extend({ without: z.array(EVENT_CHOICE).min(1).max(5).optional() });

export const SEQUENCE_CONDITION = z
  .strictObject({ sequence: z.array(STEP).min(2).max(MAX_STEPS), within: PERIOD, window: WINDOW })
  .refine(({ sequence }) => sequence[0]?.without === undefined, {
    path: ['sequence', 0, 'without'],
    message: 'stands between two steps, and so not on the first one',
  });

/**
 * Holds where the user went through the steps in order, at least once.
 * Each step is strictly later than the one before: two events of the same ms are in no order. From the first step to
 * the last is at most `within`. `without`: none of these events came after the step before and until this step; one at
 * the very moment of the step before does not disturb, one at the moment of this step does. Other events may come in
 * between. All steps, and what disturbs them, are looked for in the window.
 */
export interface SequenceCondition {
  sequence: (EventChoice & { without?: EventChoice[] | undefined })[];
  within: Period;
  window: Window;
}
