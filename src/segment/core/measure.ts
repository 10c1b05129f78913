import { z } from 'zod';
import { chooseByKey } from '../../kernel/choose-by-key.js';
import { NUMBER_COMPARE, type NumberCompare } from '../../kernel/number-compare.js';
import { PROPERTY_NAME } from '../../kernel/property-filter.js';
import { type AsOf, lengthOf, toInstant } from './resolve-window.js';
import { INSTANT, PERIOD, type Period } from './window.js';

export const MEASURE = z.discriminatedUnion('fn', [
  z.strictObject({ fn: z.enum(['count', 'active_days', 'first_time', 'last_time']) }),
  z.strictObject({ fn: z.enum(['sum', 'avg', 'min', 'max', 'distinct']), property: PROPERTY_NAME }),
]);
/**
 * What is measured over the matching events of one user.
 * - `count`: how many there are.
 * - `active_days`: on how many days of the project's time zone there are any.
 * - `first_time`, `last_time`: when the first or the last one was; no events have none, and meet no comparison.
 * - `sum`, `avg`, `min`, `max`: over the values that are numbers; others are left out. The sum of nothing is 0;
 *   avg, min and max of nothing have no value, and meet no comparison.
 * - `distinct`: how many different values there are among texts, numbers and booleans; lists are left out.
 */
export type Measure = z.infer<typeof MEASURE>;

/**
 * What the measured value has to be. Times are compared as an age, `{ op, ago }`, or as a moment: `before` it, or
 * `since` it, that moment included.
 */
export type Compare =
  | NumberCompare
  | { op: 'at_least' | 'at_most' | 'more_than' | 'less_than'; ago: Period }
  | { op: 'before' | 'since'; moment: string };

export const COMPARE_VARIANTS = {
  value: NUMBER_COMPARE,
  ago: z.strictObject({ op: z.enum(['at_least', 'at_most', 'more_than', 'less_than']), ago: PERIOD }),
  moment: z.strictObject({ op: z.enum(['before', 'since']), moment: INSTANT }),
};
export const COMPARE = z
  .unknown()
  .superRefine(chooseByKey('a comparison', COMPARE_VARIANTS)) as unknown as z.ZodType<Compare>;

/** Refuses a comparison that does not fit what is measured. */
export function checkComparison(
  { measure, compare }: { measure?: Measure | undefined; compare: Compare },
  ctx: z.RefinementCtx,
): void {
  // Its own check has said so, and does not keep this one from being made.
  if (typeof compare !== 'object' || compare === null) return;
  const fn = measure?.fn ?? 'count';
  if (isTime(fn) && 'value' in compare) {
    ctx.addIssue({
      code: 'custom',
      path: ['compare'],
      message: 'must have ago or moment, because it is compared with a time',
    });
  } else if (!isTime(fn) && !('value' in compare)) {
    ctx.addIssue({
      code: 'custom',
      path: ['compare'],
      message: 'must have a value, because it is compared with a number',
    });
  } else if (
    'value' in compare &&
    isCounting(fn) &&
    !(Number.isInteger(compare.value) && compare.value >= 0)
  ) {
    ctx.addIssue({
      code: 'custom',
      path: ['compare', 'value'],
      message: 'must be a whole number from 0 on, because it is compared with a count',
    });
  }
}

/** Whether a measure of no events has no value, rather than 0. */
export function isNothingOfNone(fn: Measure['fn']): boolean {
  return isTime(fn) || fn === 'avg' || fn === 'min' || fn === 'max';
}

const AGE_OPS = {
  at_least: 'at_most',
  at_most: 'at_least',
  more_than: 'less_than',
  less_than: 'more_than',
} as const;

/** The comparison with a number; a time is one in ms since 1970, so that a greater age is a lesser number. */
export function resolveCompare(compare: Compare, { asOf, timeZone }: AsOf): NumberCompare {
  if ('value' in compare) return compare;
  if ('ago' in compare) return { op: AGE_OPS[compare.op], value: asOf - lengthOf(compare.ago) };
  return {
    op: compare.op === 'before' ? 'less_than' : 'at_least',
    value: toInstant(compare.moment, timeZone),
  };
}

function isTime(fn: Measure['fn']): boolean {
  return fn === 'first_time' || fn === 'last_time';
}

function isCounting(fn: Measure['fn']): boolean {
  return fn === 'count' || fn === 'distinct' || fn === 'active_days';
}
