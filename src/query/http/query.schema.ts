import { z } from 'zod';
import { MEASURE } from '../core/events-query.js';
import { GROUP } from '../core/group.js';
import { RETENTION_MODES, RETENTION_UNITS } from '../core/retention-query.js';
import { BUCKETS } from '../core/time-buckets.js';

const COUNT = z.number().int().min(0);
const SHARE = z.number().nullable();
const INSTANT = z.iso.datetime();
const VALUE = z.unknown().describe('A text, number, boolean or list; null where there is none');
const LABEL = z.string().describe('On the wall clock of the time zone').meta({ example: '2026-03-08' });

export const WARNINGS = z
  .array(
    z.object({
      pointer: z.string(),
      code: z.enum(['unknown_event', 'unknown_property', 'unknown_profile_property']),
      detail: z.string(),
      nearest: z.array(z.string()).describe('Known names like it, the most likely first'),
    }),
  )
  .describe('Names under which nothing was ever received; the answer stands nevertheless');

const FACTS = z.object({
  range: z.object({ from: INSTANT, to: INSTANT }).describe('From the one moment on, before the other'),
  timeZone: z.string(),
  rowsRead: COUNT.describe('Rows that ClickHouse read'),
  elapsedMs: COUNT,
  sql: z.string(),
  params: z.record(z.string(), z.unknown()).describe('The values bound in it'),
  warnings: WARNINGS,
});

export const EVENTS_ANSWER = FACTS.extend({
  columns: z.object({
    bucket: z.enum(BUCKETS).nullable(),
    groups: z.array(GROUP),
    measures: z.array(z.object({ name: z.string().meta({ example: 'sum(amount)' }), measure: MEASURE })),
  }),
  rows: z
    .array(
      z.object({
        bucketStart: INSTANT.nullable(),
        bucketLabel: LABEL.nullable(),
        group: z.array(VALUE).describe('One value for each of `columns.groups`; empty where `isOther`'),
        isOther: z.boolean().describe('All groups beyond the top, counted together'),
        values: z.array(z.number().nullable()).describe('One for each of `columns.measures`'),
      }),
    )
    .describe('Group by group, the greatest first and the others last, each with every bucket'),
  otherGroups: COUNT.describe('How many groups are counted together as others'),
});

const FUNNEL_STEPS = z.array(
  z.object({
    event: z.string(),
    persons: COUNT.describe('Who got at least this far'),
    ofPrevious: SHARE.describe('Fraction of those of the step before'),
    ofFirst: SHARE.describe('Fraction of those of the first step'),
    medianMs: z.number().nullable().describe('Median time from the step before'),
  }),
);
export const FUNNEL_ANSWER = FACTS.extend({
  steps: FUNNEL_STEPS,
  groups: z
    .array(z.object({ value: VALUE, isOther: z.boolean(), steps: FUNNEL_STEPS }))
    .nullable()
    .describe('By value of the breakdown, the greatest first and the others last'),
  otherGroups: COUNT.describe('How many groups are counted together as others'),
  isComplete: z.boolean().describe('The window of everyone is over: the figures stay'),
});

export const RETENTION_ANSWER = FACTS.extend({
  unit: z.enum(RETENTION_UNITS),
  mode: z.enum(RETENTION_MODES),
  cohorts: z.array(
    z.object({
      start: INSTANT,
      label: LABEL,
      persons: COUNT,
      periods: z
        .array(
          z.object({
            period: COUNT,
            persons: COUNT.describe('Who came back'),
            share: SHARE.describe('Fraction of the cohort'),
            isComplete: z.boolean().describe('The period is over'),
          }),
        )
        .describe('Periods that have begun'),
    }),
  ),
  overall: z
    .array(z.object({ period: COUNT, of: COUNT, persons: COUNT, share: SHARE }))
    .describe('Together, the cohorts whose period is over'),
});
