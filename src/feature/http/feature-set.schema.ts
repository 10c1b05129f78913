import { z } from 'zod';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { CRON_SCHEDULE } from '../../kernel/time/cron-schedule.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';
import { FEATURE_NAME } from '../core/feature.js';
import { FEATURE_SET_DEFINITION } from '../core/feature-set.js';
import { SNAPSHOT_STATES, SNAPSHOT_TRIGGERS } from '../data/snapshot.repository.js';
import { EXPORT_FORMATS, type ExportFormat } from '../data/value-store.js';

const NAME = STORABLE_TEXT.trim().min(1).max(200).describe('Unique among the sets that are not archived');
const DESCRIPTION = STORABLE_TEXT.max(2000);
const EDITABLE_STATE = z.enum(['active', 'paused']).describe('A paused set has snapshots only when asked to');

export const CREATE_FEATURE_SET = z.strictObject({
  name: NAME,
  description: DESCRIPTION.optional(),
  definition: FEATURE_SET_DEFINITION,
  schedule: CRON_SCHEDULE.optional(),
  state: EDITABLE_STATE.optional(),
});
export type CreateFeatureSet = z.infer<typeof CREATE_FEATURE_SET>;

export const UPDATE_FEATURE_SET = z.strictObject({
  name: NAME.optional(),
  description: DESCRIPTION.optional(),
  definition: FEATURE_SET_DEFINITION.optional().describe(
    'Looked up anew; where it means something else now, a new version',
  ),
  schedule: CRON_SCHEDULE.optional(),
  state: EDITABLE_STATE.optional(),
});
export type UpdateFeatureSet = z.infer<typeof UPDATE_FEATURE_SET>;

export const TAKE_SNAPSHOT = z.strictObject({
  cutoff: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Nothing at or after it is in any value; in the past; default: now'),
  excludeNotAsOf: z
    .boolean()
    .default(false)
    .describe('For a past cutoff: leave out features of the profile, instead of refusing'),
});
export type TakeSnapshot = z.infer<typeof TAKE_SNAPSHOT>;

const INSTANT = z.iso.datetime();

const SNAPSHOT_SUMMARY = z.object({
  id: z.string(),
  setId: z.string(),
  version: z.number().int(),
  cutoff: INSTANT,
  state: z.enum(SNAPSHOT_STATES),
  trigger: z.enum(SNAPSHOT_TRIGGERS),
  attempts: z.number().int(),
  queuedAt: INSTANT,
  startedAt: INSTANT.nullable(),
  finishedAt: INSTANT.nullable(),
  durationMs: z.number().int().nullable(),
  rowCount: z.number().int().nullable().describe('Users of the population'),
  lateCount: z
    .number()
    .int()
    .nullable()
    .describe('Events from before the cutoff that were received at or after it, and so left out'),
  excluded: z
    .array(z.object({ name: z.string(), reason: z.literal('not_as_of') }))
    .nullable()
    .describe('Features left out, because the profile is known as of now only'),
  labelKnownAt: INSTANT.nullable().describe('From when on the labels can be read'),
  error: z.string().nullable(),
});
export const SNAPSHOT_PAGE = pageOf(SNAPSHOT_SUMMARY);
export const SNAPSHOT_DETAIL = SNAPSHOT_SUMMARY.extend({
  features: z.array(z.string()).describe('In the order of the values'),
  sql: z.string().nullable().describe('The ClickHouse query, which is run for some persons at a time'),
  params: z.record(z.string(), z.unknown()).nullable().describe('The values bound in it'),
});

const FEATURE_SET = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  definition: FEATURE_SET_DEFINITION,
  features: z.array(z.string()).describe('Every feature of the set, those of its families included'),
  version: z.number().int().describe('Rises with every change of what the features mean'),
  schedule: z.object({ cron: z.string(), timeZone: z.string() }).nullable(),
  state: z.enum(['active', 'paused', 'archived']),
  nextRunAt: INSTANT.nullable(),
  createdAt: INSTANT,
  updatedAt: INSTANT,
});
export const FEATURE_SET_SAVED = FEATURE_SET;
export const FEATURE_SET_PAGE = pageOf(FEATURE_SET);
export const FEATURE_SET_DETAIL = FEATURE_SET.extend({ latestSnapshot: SNAPSHOT_SUMMARY.nullable() });

const BOOLEAN = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');
export const LIST_VALUES = PAGE_QUERY.extend({
  labels: BOOLEAN.describe('With labels, once they are known'),
});
export type ListValues = z.infer<typeof LIST_VALUES>;

const VALUES = z.record(z.string(), z.union([z.number(), z.string()]).nullable());
const ROW = z.object({
  userId: z.string().describe('usr_<number>'),
  values: VALUES.describe('By feature; lifecycle by its name'),
  label: z.number().int().optional().describe('1: the user did not return'),
});
export const ROW_PAGE = pageOf(ROW);
export const USER_VALUES = z.object({
  userId: z.string(),
  snapshotId: z.string(),
  cutoff: INSTANT,
  values: VALUES.nullable().describe('null: the user was not in the population'),
});

export const EXPORT = z.object({
  format: z.enum(Object.keys(EXPORT_FORMATS) as [ExportFormat, ...ExportFormat[]]).default('csv'),
  labels: BOOLEAN.describe('With a column label, once it is known'),
});
export type Export = z.infer<typeof EXPORT>;

export const DRIFT_QUERY = z.object({ base: z.string().max(64).describe('The snapshot to compare with') });
export type DriftQuery = z.infer<typeof DRIFT_QUERY>;

const SIDE = z.object({
  mean: z.number().nullable(),
  nullShare: z.number().nullable(),
  rows: z.number().int().describe('Rows looked at: of a large snapshot a sample of about 100,000'),
});
export const DRIFT = z.object({
  snapshotId: z.string(),
  baseSnapshotId: z.string(),
  items: z.array(
    z.object({
      feature: z.string(),
      stability: z
        .number()
        .nullable()
        .describe('Population stability index: below 0.1 alike, above 0.25 not'),
      base: SIDE,
      present: SIDE,
    }),
  ),
});

export const REPORT_QUERY = z.object({ feature: FEATURE_NAME.optional().describe('Only this one') });
export type ReportQuery = z.infer<typeof REPORT_QUERY>;

export const OUTCOME_REPORT = z.object({
  snapshotId: z.string(),
  items: z.array(
    z.object({
      feature: z.string(),
      rows: z.number().int(),
      nullShare: z.number().nullable(),
      mean: z.number().nullable(),
      min: z.number().nullable(),
      max: z.number().nullable(),
      auc: z.number().nullable().describe('0.5 tells nothing; below it, a small value means no return'),
      informationValue: z.number().nullable().describe('Below 0.02 tells nothing, above 0.3 much'),
      bins: z.array(
        z.object({
          from: z.number().nullable().describe('Included; null: no bound'),
          to: z.number().nullable().describe('Not included; null: no bound'),
          isNull: z.boolean(),
          rows: z.number().int(),
          notReturned: z.number().int(),
          rate: z.number().nullable().describe('Share that did not return'),
        }),
      ),
    }),
  ),
});
