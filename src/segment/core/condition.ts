import { z } from 'zod';
import { chooseByKey, reportIssues } from '../../kernel/choose-by-key.js';
import { isJsonObject } from '../../kernel/json.js';
import { isLocalDate } from '../../kernel/local-date.js';
import {
  PROPERTY_FILTER,
  PROPERTY_NAME,
  type PropertyFilter,
  STORABLE_TEXT,
} from '../../kernel/property-filter.js';

/** Limits that keep one definition one readable query. */
export const MAX_DEPTH = 10;
export const MAX_NODES = 100;
/** ClickHouse takes no parameter longer than 128 KiB; escaping at most doubles a value. */
export const MAX_DEFINITION_BYTES = 48 * 1024;

/** Every event of the user's own: system events, such as a sent message, do not count. */
export const ANY_EVENT = '*';

const INSTANT = z.union([z.iso.datetime({ offset: true }), z.iso.date().refine(isLocalDate)], {
  error:
    'must be a time with its offset, such as 2026-03-01T08:00:00Z, or a date, such as 2026-03-01, which begins in the time zone of the project',
});

const AMOUNT = z.number().int().min(1).max(5_000_000);
const LAST = z
  .strictObject({
    days: AMOUNT.max(3650).optional(),
    hours: AMOUNT.max(87_600).optional(),
    minutes: AMOUNT.optional(),
  })
  .refine((last) => Object.values(last).filter((amount) => amount !== undefined).length === 1, {
    message: 'must have exactly one of days, hours, minutes',
  });

/**
 * When an event has to have happened to be looked at. `asOf` is the moment for which the segment is computed;
 * nothing later than it ever counts.
 * - `last`: after `asOf` minus so much, until `asOf`, that moment included. A day is 24 hours.
 * - `from`, `to`: from that moment on, before the other one. A date is its midnight in the project's time zone.
 * - `all_time`: everything until `asOf`.
 */
export type Window =
  | { last: { days?: number | undefined; hours?: number | undefined; minutes?: number | undefined } }
  | { from: string; to: string }
  | 'all_time';

const WINDOW_BY_KEY = chooseByKey('a window', {
  last: z.strictObject({ last: LAST }),
  from: z.strictObject({ from: INSTANT, to: INSTANT }),
});
const WINDOW = z.unknown().superRefine((value, ctx) => {
  if (value === ALL_TIME) return;
  if (typeof value === 'string')
    ctx.addIssue({ code: 'custom', message: `the only window by name is ${ALL_TIME}` });
  else WINDOW_BY_KEY(value, ctx);
}) as unknown as z.ZodType<Window>;
const ALL_TIME = 'all_time';

const MEASURE = z.discriminatedUnion('fn', [
  z.strictObject({ fn: z.literal('count') }),
  z.strictObject({ fn: z.enum(['sum', 'avg', 'min', 'max', 'distinct']), property: PROPERTY_NAME }),
]);
/**
 * What is measured over the matching events of one user.
 * - `count`: how many there are.
 * - `sum`, `avg`, `min`, `max`: over the values that are numbers; others are left out. The sum of nothing is 0;
 *   avg, min and max of nothing have no value, and meet no comparison.
 * - `distinct`: how many different values there are among texts, numbers and booleans; lists are left out.
 */
export type Measure = z.infer<typeof MEASURE>;

const COMPARE = z.strictObject({
  op: z.enum(['at_least', 'at_most', 'equals', 'more_than', 'less_than']),
  value: z.number(),
});
export type Compare = z.infer<typeof COMPARE>;

const EVENT_CONDITION = z
  .strictObject({
    event: STORABLE_TEXT.min(1).max(200),
    where: z.array(PROPERTY_FILTER).max(50).optional(),
    window: WINDOW,
    measure: MEASURE.optional(),
    compare: COMPARE,
  })
  .refine(
    ({ measure, compare }) => !isCounting(measure) || (Number.isInteger(compare.value) && compare.value >= 0),
    {
      path: ['compare', 'value'],
      message: 'must be a whole number from 0 on, because it is compared with a count',
    },
  );

/** Events that a user did, or did not: "did not" is a count of at most 0. */
export interface EventCondition {
  event: string;
  where?: PropertyFilter[] | undefined;
  window: Window;
  /** Default: count. */
  measure?: Measure | undefined;
  compare: Compare;
}
export interface ProfileCondition {
  profile: PropertyFilter;
}
export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { none: Condition[] }
  | EventCondition
  | ProfileCondition;

const CHILDREN = z.array(z.lazy((): z.ZodType<Condition> => CONDITION)).min(1);
const CONDITION = z.unknown().superRefine(
  chooseByKey('a condition', {
    all: z.strictObject({ all: CHILDREN }),
    any: z.strictObject({ any: CHILDREN }),
    none: z.strictObject({ none: CHILDREN }),
    event: EVENT_CONDITION,
    profile: z.strictObject({ profile: PROPERTY_FILTER }),
  }),
) as unknown as z.ZodType<Condition>;

const EXAMPLE = {
  all: [
    { event: 'pay', window: { last: { days: 30 } }, compare: { op: 'at_least', value: 2 } },
    { event: '*', window: { last: { days: 7 } }, compare: { op: 'at_most', value: 0 } },
  ],
};

/** The tree is measured before it is walked, so that no input can exhaust the stack. */
const WHERE = z
  .record(z.string(), z.unknown())
  .superRefine((value, ctx) => {
    const excess = findExcess(value);
    if (excess === null) reportIssues(ctx, CONDITION.safeParse(value));
    else ctx.addIssue({ code: 'custom', message: excess });
  })
  .describe('The condition tree; see docs/segments.md')
  .meta({ examples: [EXAMPLE] }) as unknown as z.ZodType<Condition>;

/** A segment as it is written down: a language version and one condition tree. */
export const SEGMENT_DEFINITION = z.strictObject({ version: z.literal(1), where: WHERE });
export interface SegmentDefinition {
  version: 1;
  where: Condition;
}

export function isEventCondition(condition: Condition): condition is EventCondition {
  return 'event' in condition;
}

/** Children of an `all`, `any` or `none`; none for a condition on events or the profile. */
export function childrenOf(condition: Condition): readonly Condition[] {
  if ('all' in condition) return condition.all;
  if ('any' in condition) return condition.any;
  return 'none' in condition ? condition.none : [];
}

/** Every condition on events in the tree, in the order in which it is written. */
export function eventConditionsOf(condition: Condition): EventCondition[] {
  return isEventCondition(condition) ? [condition] : childrenOf(condition).flatMap(eventConditionsOf);
}

function isCounting(measure: Measure | undefined): boolean {
  return measure === undefined || measure.fn === 'count' || measure.fn === 'distinct';
}

function findExcess(where: unknown): string | null {
  let level: unknown[] = [where];
  let nodes = 0;
  for (let depth = 1; level.length > 0; depth++) {
    nodes += level.length;
    if (depth > MAX_DEPTH) return `may be at most ${MAX_DEPTH} levels deep`;
    if (nodes > MAX_NODES) return `may have at most ${MAX_NODES} conditions, groups included`;
    level = level.flatMap(rawChildrenOf);
  }
  const sizeBytes = Buffer.byteLength(JSON.stringify(where));
  return sizeBytes > MAX_DEFINITION_BYTES ? `may have at most ${MAX_DEFINITION_BYTES} bytes of JSON` : null;
}

function rawChildrenOf(value: unknown): unknown[] {
  if (!isJsonObject(value)) return [];
  return ['all', 'any', 'none'].flatMap((key) => {
    const children = value[key];
    return Array.isArray(children) ? children : [];
  });
}
