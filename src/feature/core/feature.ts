import { z } from 'zod';
import { chooseByKey } from '../../kernel/choose-by-key.js';
import {
  PROPERTY_FILTER,
  PROPERTY_NAME,
  type PropertyFilter,
  STORABLE_TEXT,
} from '../../kernel/property-filter.js';

export const DAY_MS = 86_400_000;

/** Two events of a user further apart than this belong to two sessions. */
export const SESSION_PAUSE_MS = 30 * 60_000;

/** How far back what looks at single days or at sessions may go: days are bits of a 128-bit number. */
export const MAX_SHAPE_DAYS = 120;

/** Every event of the user's own: system events, such as a sent message, do not count. */
export const ANY_EVENT = '*';

const DAYS = z.number().int().min(1).max(3650);

/**
 * When an event has to have happened to be looked at; nothing at or after the cutoff ever is.
 * - `last`: from that many days before the end on. A day is 24 hours.
 * - `endingDaysAgo`: the window ends so many days before the cutoff, not at the cutoff.
 * - `all_time`: everything before the cutoff.
 */
export type Window = 'all_time' | { last: { days: number }; endingDaysAgo?: number | undefined };
const WINDOW = z
  .union([
    z.literal('all_time'),
    z.strictObject({ last: z.strictObject({ days: DAYS }), endingDaysAgo: DAYS.optional() }),
  ])
  .describe(
    'all_time, or { "last": { "days": 30 }, "endingDaysAgo": 30 }; without endingDaysAgo it ends at the cutoff',
  );

const PLAIN_MEASURES = [
  'count',
  'active_days',
  'days_since_first',
  'days_since_last',
  'streak',
  'slope',
] as const;
const NUMBER_MEASURES = ['sum', 'avg', 'min', 'max', 'stddev', 'median'] as const;
const MEASURE = z.discriminatedUnion('fn', [
  z.strictObject({ fn: z.enum(PLAIN_MEASURES) }),
  z.strictObject({ fn: z.enum(NUMBER_MEASURES), property: PROPERTY_NAME }),
  z.strictObject({
    fn: z.enum(['distinct', 'entropy']),
    over: z.union([z.enum(['event', 'hour']), z.strictObject({ property: PROPERTY_NAME })]),
  }),
  z.strictObject({ fn: z.literal('gap'), stat: z.enum(['mean', 'stddev', 'max', 'current_ratio']) }),
  z.strictObject({ fn: z.literal('sessions'), stat: z.enum(['count', 'mean_minutes', 'mean_events']) }),
]);
/**
 * What is measured over the matching events of one user.
 * - `count`; `active_days`: days, counted back from the cutoff, that have an event.
 * - `sum`, `avg`, `min`, `max`, `stddev` (of a sample), `median`: over the values that are numbers.
 * - `distinct`, `entropy` (bits): over names of events, hours of the project's zone, or values of a property.
 * - `days_since_first`, `days_since_last`: from the event to the cutoff, with fractions.
 * - `gap`: days from one active day to the next; `current_ratio`: days since the last active day ÷ mean gap.
 * - `streak`: most active days in a row. `slope`: events a day, per day (least squares).
 * - `sessions`: events at most 30 minutes apart are one session.
 */
export type Measure = z.infer<typeof MEASURE>;

const EVENT_NAME = STORABLE_TEXT.min(1).max(200);
const HOUR = z.number().int().min(0).max(24);
const EVENT_FEATURE = z
  .strictObject({
    event: z.union([EVENT_NAME, z.array(EVENT_NAME).min(1).max(50)]),
    where: z.array(PROPERTY_FILTER).max(20).optional(),
    window: WINDOW,
    hours: z
      .strictObject({ from: HOUR.max(23), to: HOUR })
      .refine(({ from, to }) => from !== to, 'an hour that is both the first and the end leaves nothing')
      .optional()
      .describe(
        'Hours of the day in the time zone of the project, from, and before to; 22 to 6 goes over midnight',
      ),
    weekdays: z.array(z.number().int().min(1).max(7)).min(1).max(7).optional().describe('1 is Monday'),
    measure: MEASURE,
  })
  .superRefine(({ window, measure }, ctx) => {
    if (!isShape(measure)) return;
    if (window === 'all_time' || windowEnd(window) + window.last.days > MAX_SHAPE_DAYS) {
      ctx.addIssue({
        code: 'custom',
        path: ['window'],
        message: `${measure.fn} looks at most ${MAX_SHAPE_DAYS} days back`,
      });
    }
    if (measure.fn === 'slope' && window !== 'all_time' && window.last.days < 2) {
      ctx.addIssue({
        code: 'custom',
        path: ['window', 'last', 'days'],
        message: 'a slope needs two days at least',
      });
    }
  });

/** A number measured over the user's events. */
export interface EventFeature {
  /** A name, several, or `*` for every event of the user's own. */
  event: string | string[];
  where?: PropertyFilter[] | undefined;
  window: Window;
  hours?: { from: number; to: number } | undefined;
  weekdays?: number[] | undefined;
  measure: Measure;
}
/** One measure by another; nothing where the divisor is 0 or nothing. */
export interface RatioFeature {
  ratio: { of: EventFeature; to: EventFeature };
}
/** Whether the profile meets a filter, 1 or 0; a number of the profile; or the days since a date in it. */
export type ProfileFeature =
  | { profile: PropertyFilter }
  | { profileNumber: string }
  | { profileDaysSince: string };
/** The place in the life of a user: the number of the label in `LIFECYCLE_LABELS`, from 1 on. */
export interface LifecycleFeature {
  lifecycle: true;
}
export type FeatureValue = EventFeature | RatioFeature | ProfileFeature | LifecycleFeature;

const VALUE = z.unknown().superRefine(
  chooseByKey('a feature', {
    event: EVENT_FEATURE,
    ratio: z.strictObject({ ratio: z.strictObject({ of: EVENT_FEATURE, to: EVENT_FEATURE }) }),
    profile: z.strictObject({ profile: PROPERTY_FILTER }),
    profileNumber: z.strictObject({ profileNumber: PROPERTY_NAME }),
    profileDaysSince: z.strictObject({ profileDaysSince: PROPERTY_NAME }),
    lifecycle: z.strictObject({ lifecycle: z.literal(true) }),
  }),
) as unknown as z.ZodType<FeatureValue>;

/** A feature as it is written down: a language version and what it is. */
export const FEATURE_DEFINITION = z.strictObject({
  version: z.literal(1),
  value: VALUE.describe('See docs/features.md').meta({
    examples: [{ event: 'pay', window: { last: { days: 30 } }, measure: { fn: 'sum', property: 'amount' } }],
  }),
});
export interface FeatureDefinition {
  version: 1;
  value: FeatureValue;
}

export const FEATURE_NAME = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,62}$/,
    'has lower-case letters, digits and _, begins with a letter, and has at most 63 characters',
  );

/** A feature with its name, as a feature set computes it. */
export interface NamedFeature {
  name: string;
  value: FeatureValue;
}

/** Whether a measure looks at single days or sessions, and so needs a window of at most `MAX_SHAPE_DAYS`. */
export function isShape({ fn }: Measure): boolean {
  return ['active_days', 'gap', 'streak', 'slope', 'sessions'].includes(fn);
}

/** Days between the end of a window and the cutoff. */
export function windowEnd(window: Window): number {
  return window === 'all_time' ? 0 : (window.endingDaysAgo ?? 0);
}

/** The measures over events that a feature is made of; none for one of the profile. */
export function eventFeaturesOf(value: FeatureValue): EventFeature[] {
  if ('event' in value) return [value];
  return 'ratio' in value ? [value.ratio.of, value.ratio.to] : [];
}

/** Whether a value is of the profile, which is known as of now only, not as of a past cutoff. */
export function isNotAsOf(value: FeatureValue): boolean {
  return 'profile' in value || 'profileNumber' in value || 'profileDaysSince' in value;
}
