import { z } from 'zod';
import { chooseByKey } from '../../kernel/choose-by-key.js';
import {
  addDays,
  addMonths,
  isLocalDate,
  startOfLocalDay,
  toLocalTime,
  toMonday,
} from '../../kernel/local-date.js';
import type { FieldIssue } from './field-issue.js';

const INSTANT = z.union([z.iso.datetime({ offset: true }), z.iso.date().refine(isLocalDate)], {
  error:
    'must be a time with its offset, such as 2026-03-01T08:00:00Z, or a date, such as 2026-03-01, which begins in the time zone of the project',
});

function oneOf<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape);
  return z
    .strictObject(shape)
    .refine((given) => Object.values(given).filter((amount) => amount !== undefined).length === 1, {
      message: `must have exactly one of ${names.join(', ')}`,
    });
}

const AMOUNT = z.number().int().min(1);
const LAST = oneOf({
  days: AMOUNT.max(3650).optional(),
  hours: AMOUNT.max(87_600).optional(),
  minutes: AMOUNT.max(5_000_000).optional(),
});
const CALENDAR = oneOf({
  days: AMOUNT.max(3650).optional(),
  weeks: AMOUNT.max(520).optional(),
  months: AMOUNT.max(120).optional(),
});

/**
 * Which events a query looks at, by their time. A range holds its first moment and not its last.
 * - `last`: the time until now; a day is 24 hours, as in segments.
 * - `calendar`: the present day, week or month of the project's time zone so far, and the ones before it: `days: 1` is today.
 * - `from`, `to`: a date is its midnight in the project's time zone. What is later than now is left out.
 */
export type TimeRange =
  | { last: { days?: number | undefined; hours?: number | undefined; minutes?: number | undefined } }
  | { calendar: { days?: number | undefined; weeks?: number | undefined; months?: number | undefined } }
  | { from: string; to: string };

export const TIME_RANGE = z
  .unknown()
  .superRefine(
    chooseByKey('a range', {
      last: z.strictObject({ last: LAST }),
      calendar: z.strictObject({ calendar: CALENDAR }),
      from: z.strictObject({ from: INSTANT, to: INSTANT }),
    }),
  )
  .describe(
    '`{ "last": { "days" | "hours" | "minutes": n } }`, `{ "calendar": { "days" | "weeks" | "months": n } }` or `{ "from", "to" }`; see docs/queries.md',
  )
  .meta({ examples: [{ calendar: { days: 7 } }] }) as unknown as z.ZodType<TimeRange>;

/** Moments from `fromMs` on, before `toMs`; ms since 1970. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** The present moment, and the zone in which days begin. */
export interface At {
  /** ms since 1970 */
  nowMs: number;
  /** IANA name */
  timeZone: string;
}

const MINUTE_MS = 60_000;

/** The moments that a range covers; the span is empty or reversed where the range holds nothing until now. */
export function resolveRange(range: TimeRange, at: At): Span {
  if ('last' in range) {
    const { days = 0, hours = 0, minutes = 0 } = range.last;
    return { fromMs: at.nowMs - ((days * 24 + hours) * 60 + minutes) * MINUTE_MS, toMs: at.nowMs };
  }
  if ('calendar' in range) return { fromMs: startOfCalendar(range.calendar, at), toMs: at.nowMs };
  const [fromMs = 0, toMs = 0] = [range.from, range.to].map((text) =>
    isLocalDate(text) ? startOfLocalDay(text, at.timeZone) : Date.parse(text),
  );
  return { fromMs, toMs: Math.min(toMs, at.nowMs) };
}

/** What is wrong with a range that the schema let through. */
export function checkSpan({ fromMs, toMs }: Span): FieldIssue[] {
  if (fromMs < 0) {
    return [{ pointer: '/range', code: 'too_early', detail: 'The range must not begin before 1970.' }];
  }
  return fromMs < toMs
    ? []
    : [
        {
          pointer: '/range',
          code: 'empty_range',
          detail: 'The range must begin before it ends, and before now.',
        },
      ];
}

function startOfCalendar(
  {
    days,
    weeks,
    months,
  }: { days?: number | undefined; weeks?: number | undefined; months?: number | undefined },
  { nowMs, timeZone }: At,
): number {
  const today = toLocalTime(nowMs, timeZone).slice(0, 10);
  if (days !== undefined) return startOfLocalDay(addDays(today, 1 - days), timeZone);
  if (weeks !== undefined) return startOfLocalDay(addDays(toMonday(today), 7 * (1 - weeks)), timeZone);
  return startOfLocalDay(addMonths(today, 1 - (months ?? 1)), timeZone);
}
