import { z } from 'zod';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { CRON_SCHEDULE } from '../../kernel/time/cron-schedule.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';
import { CHANGE_SETTINGS } from '../core/change-settings.js';
import { PRIORITIES } from '../core/run-priority.js';
import { ANY_DEFINITION } from '../core/sql-definition.js';
import { WHICH_MEMBERS } from '../core/which-members.js';
import { RUN_STATES, RUN_TRIGGERS } from '../data/segment-run.repository.js';
import { WARNING_CODES } from '../definition-warnings.service.js';
import { FORECAST, LANE } from './forecast.schema.js';

const NAME = STORABLE_TEXT.trim().min(1).max(200).describe('Unique among the segments that are not archived');
const DESCRIPTION = STORABLE_TEXT.max(2000);
const DEFINITION_HELP = 'Version 1 of the segment language; see docs/segments.md';

const PRIORITY = z
  .enum(PRIORITIES)
  .describe('How urgent its runs are among those of the project; other projects do not wait for it');
const LIVE = z.boolean().describe('Keep the members up to date, at most a minute behind');
const CHANGES = CHANGE_SETTINGS.nullable().describe('What becomes of changes of membership; null: nothing');

const EDITABLE_STATE = z.enum(['active', 'paused']).describe('A paused segment runs only when asked to');

export const CREATE_SEGMENT = z.strictObject({
  name: NAME,
  description: DESCRIPTION.optional(),
  definition: ANY_DEFINITION.describe(DEFINITION_HELP),
  schedule: CRON_SCHEDULE.optional(),
  state: EDITABLE_STATE.optional(),
  priority: PRIORITY.optional(),
  live: LIVE.optional(),
  changes: CHANGES.optional(),
});
export type CreateSegment = z.infer<typeof CREATE_SEGMENT>;

export const UPDATE_SEGMENT = z.strictObject({
  name: NAME.optional(),
  description: DESCRIPTION.optional(),
  definition: ANY_DEFINITION.optional().describe('A changed definition becomes a new version'),
  schedule: CRON_SCHEDULE.optional(),
  state: EDITABLE_STATE.optional(),
  priority: PRIORITY.optional(),
  live: LIVE.optional(),
  changes: CHANGES.optional(),
});
export type UpdateSegment = z.infer<typeof UPDATE_SEGMENT>;

export const PREVIEW_SEGMENT = z.strictObject({
  definition: ANY_DEFINITION,
  exact: z
    .boolean()
    .default(false)
    .describe('Look at everyone, however long it takes; else much is estimated by a share of the users'),
});
export type PreviewSegment = z.infer<typeof PREVIEW_SEGMENT>;

export const START_RUN = z.strictObject({
  asOf: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('The moment to compute the segment for, in the past; default: now'),
  priority: PRIORITY.optional().describe('Default: that of the segment'),
});
export type StartRun = z.infer<typeof START_RUN>;

export const LIST_SEGMENTS = PAGE_QUERY.extend({
  state: z.enum(['active', 'paused', 'archived']).optional().describe('Default: all but archived'),
});
export type ListSegments = z.infer<typeof LIST_SEGMENTS>;

const USER_ID = z.string().describe('usr_<number>');
const INSTANT = z.iso.datetime();
const COUNT = z.number().int().nullable();

const RUN_SUMMARY = z.object({
  id: z.string(),
  segmentId: z.string(),
  version: z.number().int(),
  asOf: INSTANT.describe('The moment that the members were computed for'),
  state: z.enum(RUN_STATES),
  trigger: z.enum(RUN_TRIGGERS),
  priority: z.enum(PRIORITIES),
  lane: LANE.nullable().describe('null until it is known what the run would read'),
  attempts: z.number().int().describe('How often it was begun'),
  retryAt: INSTANT.nullable().describe('When it is tried again after the error'),
  queuedAt: INSTANT,
  startedAt: INSTANT.nullable(),
  finishedAt: INSTANT.nullable(),
  durationMs: z.number().int().nullable(),
  memberCount: COUNT,
  enteredCount: COUNT.describe('Members that the finished run before it did not have'),
  exitedCount: COUNT.describe('Members of the finished run before it that are no longer members'),
  comparedRunId: z
    .string()
    .nullable()
    .describe('The finished run before it, by moment; null: there was none'),
  rowsForecast: COUNT.describe('Rows that it would read, told before it began'),
  bytesForecast: COUNT,
  rowsRead: COUNT.describe('Rows that it read'),
  bytesRead: COUNT,
  peakMemoryBytes: COUNT.describe('Memory of ClickHouse that it took'),
  elapsedMs: COUNT.describe('How long ClickHouse took to find the members'),
  membersKeptUntil: INSTANT.nullable().describe(
    'Until when the members are there at least; those of the latest runs stay longer. In the past: they were dropped then',
  ),
  error: z.string().nullable().describe('Why the last attempt failed'),
});
export const SEGMENT_RUN_PAGE = pageOf(RUN_SUMMARY);
export const SEGMENT_RUN_DETAIL = RUN_SUMMARY.extend({
  sql: z.string().nullable().describe('The ClickHouse query that found the members'),
  params: z.record(z.string(), z.unknown()).nullable().describe('The values bound in it'),
});

const SEGMENT_SUMMARY = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  definition: ANY_DEFINITION,
  version: z.number().int(),
  schedule: z.object({ cron: z.string(), timeZone: z.string() }).nullable(),
  state: z.enum(['active', 'paused', 'archived']),
  priority: z.enum(PRIORITIES),
  nextRunAt: INSTANT.nullable(),
  live: LIVE,
  changes: CHANGES,
  createdAt: INSTANT,
  updatedAt: INSTANT,
});
export const SEGMENT_PAGE = pageOf(SEGMENT_SUMMARY);
const WARNINGS = z.array(
  z.object({
    pointer: z.string(),
    code: z.enum(WARNING_CODES),
    detail: z.string(),
  }),
);
export const SEGMENT_SAVED = SEGMENT_SUMMARY.extend({
  warnings: WARNINGS,
  forecast: FORECAST.nullable().describe('What a run would read now; null where that cannot be told'),
});
export const SEGMENT_DETAIL = SEGMENT_SUMMARY.extend({
  latestRun: RUN_SUMMARY.nullable().describe('The finished run with the latest moment'),
});
export const SEGMENT_VERSION_LIST = z.object({
  items: z.array(z.object({ version: z.number().int(), definition: ANY_DEFINITION, createdAt: INSTANT })),
});

export const PREVIEW = z.object({
  asOf: INSTANT,
  count: z.number().int(),
  estimate: z
    .object({
      oneIn: z.number().int().describe('One user in so many was looked at'),
      low: z.number().int(),
      high: z.number().int().describe('With 95 %, the count is between low and high'),
    })
    .nullable()
    .describe('null: everyone was counted'),
  sample: z.array(USER_ID).describe('At most 20 members, picked at random'),
  elapsedMs: z.number().int(),
  rowsRead: z.number().int().describe('Rows that ClickHouse read'),
  bytesRead: z.number().int(),
  sql: z.string(),
  params: z.record(z.string(), z.unknown()),
  warnings: WARNINGS,
  forecast: FORECAST,
});

const SAMPLE = z.array(USER_ID).describe('At most 20 of them, picked at random');
export const DIFFERENCE = z.object({
  asOf: INSTANT,
  inBoth: z.number().int().describe('Members by both definitions'),
  onlyBefore: z.number().int().describe('Members by the saved definition only'),
  onlyAfter: z.number().int().describe('Members by the given definition only'),
  inBothSample: SAMPLE,
  onlyBeforeSample: SAMPLE,
  onlyAfterSample: SAMPLE,
  warnings: WARNINGS,
});

export const WHICH = z
  .enum(WHICH_MEMBERS)
  .describe('All members, or those who entered or left since the run it was compared with');
export const EXPORT_FORMAT = z.enum(['csv', 'jsonl', 'parquet']);
export const EXPORT_QUERY = z.strictObject({ format: EXPORT_FORMAT, which: WHICH.default('members') });
export type ExportQuery = z.infer<typeof EXPORT_QUERY>;

export const MEMBERSHIP_PAGE = pageOf(
  z.object({
    runId: z.string(),
    version: z.number().int(),
    asOf: INSTANT,
    isMember: z.boolean().nullable().describe('null where the members are no longer kept'),
  }),
);
export const MEMBER_PAGE = pageOf(z.object({ userId: USER_ID }));
export const MEMBERSHIP = z.object({
  userId: USER_ID,
  isMember: z.boolean(),
  runId: z
    .string()
    .nullable()
    .describe('The run that was looked into; null where none is finished, and for a live segment'),
  asOf: INSTANT.nullable(),
});
