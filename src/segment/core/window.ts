import { z } from 'zod';
import { chooseByKey } from '../../kernel/choose-by-key.js';
import { isLocalDate } from '../../kernel/local-date.js';
import { PROPERTY_NAME } from '../../kernel/property-filter.js';

/** A moment, or a date, which begins in the time zone of the project. */
export const INSTANT = z.union([z.iso.datetime({ offset: true }), z.iso.date().refine(isLocalDate)], {
  error:
    'must be a time with its offset, such as 2026-03-01T08:00:00Z, or a date, such as 2026-03-01, which begins in the time zone of the project',
});

function oneOf<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .strictObject(shape)
    .refine((given) => Object.values(given).filter((amount) => amount !== undefined).length === 1, {
      message: `must have exactly one of ${Object.keys(shape).join(', ')}`,
    });
}

const AMOUNT = z.number().int().min(1).max(5_000_000);
/** A length of time; a day is 24 hours. */
export const PERIOD = oneOf({
  days: AMOUNT.max(3650).optional(),
  hours: AMOUNT.max(87_600).optional(),
  minutes: AMOUNT.optional(),
});
export interface Period {
  days?: number | undefined;
  hours?: number | undefined;
  minutes?: number | undefined;
}

const CALENDAR = oneOf({
  days: AMOUNT.max(3650).optional(),
  weeks: AMOUNT.max(520).optional(),
  months: AMOUNT.max(120).optional(),
});
export interface Calendar {
  days?: number | undefined;
  weeks?: number | undefined;
  months?: number | undefined;
}

/**
 * When an event has to have happened to be looked at, the same for every user. `asOf` is the moment for which the
 * segment is computed; nothing later than it ever counts.
 * - `last`: after `asOf` minus so much, until `asOf`, that moment included. With `before`, all of it so much earlier.
 * - `calendar`: the present day, week (from Monday) or month of the project's zone so far, and the ones before it:
 *   `days: 1` is today. With `complete`, the present one is left out: `months: 1` is then last month.
 * - `from`, `to`: from that moment on, before the other one. A date is its midnight in the project's time zone.
 * - `all_time`: everything until `asOf`.
 */
export type FixedWindow =
  | { last: Period; before?: Period | undefined }
  | { calendar: Calendar; complete?: boolean | undefined }
  | { from: string; to: string }
  | 'all_time';

/**
 * From the moment on that a profile property tells, that moment included; with `first`, only for so long.
 * Where the property tells no moment (see `readMoment`) nothing can be measured, and no comparison is met.
 */
export interface SinceWindow {
  since: string;
  first?: Period | undefined;
}
export type Window = FixedWindow | SinceWindow;

const ALL_TIME = 'all_time';

/** The windows by the key that tells them apart. */
export const WINDOW_VARIANTS = {
  last: z.strictObject({ last: PERIOD, before: PERIOD.optional() }),
  calendar: z.strictObject({ calendar: CALENDAR, complete: z.boolean().optional() }),
  since: z.strictObject({ since: PROPERTY_NAME, first: PERIOD.optional() }),
  from: z.strictObject({ from: INSTANT, to: INSTANT }),
};
const WINDOW_BY_KEY = chooseByKey('a window', WINDOW_VARIANTS);
export const WINDOW = z.unknown().superRefine((value, ctx) => {
  if (value === ALL_TIME) return;
  if (typeof value === 'string')
    ctx.addIssue({ code: 'custom', message: `the only window by name is ${ALL_TIME}` });
  else WINDOW_BY_KEY(value, ctx);
}) as unknown as z.ZodType<Window>;

export function isSinceWindow(window: Window): window is SinceWindow {
  return typeof window === 'object' && 'since' in window;
}
