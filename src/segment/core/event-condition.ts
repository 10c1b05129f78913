import { z } from 'zod';
import { COMPARE, type Compare, checkComparison, MEASURE, type Measure } from './measure.js';
import { EVENT_NAME, type EventChoice, FILTERS } from './sequence.js';
import { WINDOW, type Window } from './window.js';

export const EVENT_CONDITION = z
  .strictObject({
    event: EVENT_NAME,
    where: FILTERS.optional(),
    window: WINDOW,
    measure: MEASURE.optional(),
    compare: COMPARE,
  })
  .superRefine(checkComparison);

/** Events that a user did, or did not: "did not" is a count of at most 0. */
export interface EventCondition extends EventChoice {
  window: Window;
  /** Default: count. */
  measure?: Measure | undefined;
  compare: Compare;
}
