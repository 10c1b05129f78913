import { z } from 'zod';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { HOLD_REASONS } from '../../kernel/reasons.js';
import { pageOf } from '../../platform/http-server/paging.js';
import { SCHEDULES } from '../core/campaign.js';
import { CAMPAIGN_STATES } from '../core/campaign-state.js';
import { PLAN_RUN_STATES } from '../core/plan-counts.js';
import { OWN_VARIABLES, oneLine, TEMPLATE_REF, TIME } from './recall.schema.js';

const TIME_OF_DAY = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, such as 09:00');

const FIELDS = {
  name: oneLine(200),
  segmentId: STORABLE_TEXT.min(1).max(100).meta({ example: 'seg_01h455vb4pex5vsknk084sn02q' }),
  templateId: TEMPLATE_REF,
  channel: z.string().max(40).describe('Default: the channel of the template'),
  schedule: z
    .enum(SCHEDULES)
    .describe('on_segment_run: at every finished run of the segment; once: on one run, made at sendAt'),
  sendAt: TIME.nullable().describe('For the schedule once'),
  reentry: z
    .union([z.enum(['once', 'every_run']), z.strictObject({ afterDays: z.number().int().min(1).max(3650) })])
    .describe('How often one user may get it: once ever, at every run, or again after some days'),
  frequencyCap: z
    .strictObject({
      limit: z.number().int().min(1).max(1000),
      windowDays: z.number().int().min(1).max(365),
    })
    .nullable()
    .describe('At most so many messages of the channel per user in the days before, of whatever origin'),
  controlPercent: z
    .number()
    .int()
    .min(0)
    .max(50)
    .describe('Share of users who get nothing, so that the effect can be seen; always the same users'),
  returnWindowHours: z
    .number()
    .int()
    .min(1)
    .max(24 * 90)
    .describe('How long after the message a visit counts as a return'),
  sendWindow: z
    .strictObject({ from: TIME_OF_DAY, to: TIME_OF_DAY })
    .nullable()
    .describe('Times of day in the zone of the project; messages outside wait for the next opening'),
  sender: oneLine(300)
    .nullable()
    .describe('Sender, such as "Shop <hello@example.com>"; null for that of the channel'),
  variables: OWN_VARIABLES.describe('Values for the template, the same for every recipient'),
};

export const CREATE_CAMPAIGN = z.strictObject({
  name: FIELDS.name,
  segmentId: FIELDS.segmentId,
  templateId: FIELDS.templateId,
  channel: FIELDS.channel.optional(),
  schedule: FIELDS.schedule.default('on_segment_run'),
  sendAt: FIELDS.sendAt.default(null),
  reentry: FIELDS.reentry.default('once'),
  frequencyCap: FIELDS.frequencyCap.default(null),
  controlPercent: FIELDS.controlPercent.default(0),
  returnWindowHours: FIELDS.returnWindowHours.default(72),
  sendWindow: FIELDS.sendWindow.default(null),
  sender: FIELDS.sender.default(null),
  variables: FIELDS.variables.default({}),
});
export type CreateCampaign = z.infer<typeof CREATE_CAMPAIGN>;

export const UPDATE_CAMPAIGN = z.strictObject(FIELDS).partial();
export type UpdateCampaign = z.infer<typeof UPDATE_CAMPAIGN>;

export const CAMPAIGN = z.object({
  ...FIELDS,
  id: z.string().meta({ example: 'cmp_01h455vb4pex5vsknk084sn02q' }),
  state: z.enum(CAMPAIGN_STATES),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  activatedAt: z.iso.datetime().nullable(),
});
export const CAMPAIGN_PAGE = pageOf(CAMPAIGN);

export const RUN_CAMPAIGN = z.strictObject({
  useLatestRun: z
    .boolean()
    .default(false)
    .describe('Plan on the newest finished run of the segment instead of making a new one'),
});
export type RunCampaign = z.infer<typeof RUN_CAMPAIGN>;

export const CAMPAIGN_RUN_STARTED = z.object({
  segmentRunId: z.string(),
  planRunId: z.string().nullable().describe('null until the run of the segment is finished'),
});

export const PLAN_RUN_PAGE = pageOf(
  z.object({
    id: z.string().meta({ example: 'pln_01h455vb4pex5vsknk084sn02q' }),
    segmentRunId: z.string(),
    state: z.enum(PLAN_RUN_STATES),
    counts: z.object({
      members: z.number().int().describe('Members planned so far; the sum of the others'),
      planned: z.number().int(),
      held: z.partialRecord(z.enum(HOLD_REASONS), z.number().int()),
      repeated: z.number().int().describe('Had the message before, or may not enter again yet'),
    }),
    error: z.string().nullable(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  }),
);
