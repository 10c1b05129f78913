import { z } from 'zod';
import { isSystemEvent } from '../../kernel/event.js';
import { PROPERTY_FILTER, PROPERTY_NAME, STORABLE_TEXT } from '../../kernel/property-filter.js';
import { ONNX } from './onnx-definition.js';

export const MODEL_KINDS = ['rfm', 'bg_nbd', 'logistic', 'onnx', 'uploaded'] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

/** Every event of the user's own. */
export const ANY_EVENT = '*';

const ACTIVITY = z
  .strictObject({
    event: STORABLE_TEXT.min(1)
      .max(200)
      .refine(
        (event) => !isSystemEvent(event),
        'must be an event of the users, not one that Rekindle records',
      )
      .describe('Name of an event, such as a purchase; * is every event of the user'),
    where: z.array(PROPERTY_FILTER).max(50).optional().describe('Filters that the event has to meet, all'),
    valueProperty: PROPERTY_NAME.optional().describe('Numeric property: what the event was worth'),
  })
  .describe('The events that show that a user is there');
/** The events that show that a user is there, and what they are worth. */
export type Activity = z.infer<typeof ACTIVITY>;

const DAYS = z.number().int().min(1);

const RFM = z.strictObject({ kind: z.literal('rfm'), activity: ACTIVITY });

const BG_NBD = z.strictObject({
  kind: z.literal('bg_nbd'),
  activity: ACTIVITY,
  unit: z.enum(['day', 'week']).default('week').describe("The model's unit of time"),
  horizonDays: DAYS.max(3650).default(90).describe('How far ahead purchases are expected'),
  holdoutDays: DAYS.max(3650)
    .optional()
    .describe('The last days are kept out of the fit, and the model is judged on them'),
  penalty: z.number().min(0).max(10).default(0).describe('Weight of the squared parameters; 0: none'),
});

const LOGISTIC = z.strictObject({
  kind: z.literal('logistic'),
  activity: ACTIVITY,
  churnDays: DAYS.max(365).describe('Who does not come back within so many days has churned'),
  lookbackDays: DAYS.max(730)
    .default(90)
    .describe('Only users with activity in so many days before are looked at: the others are long gone'),
  penalty: z
    .number()
    .min(1e-6)
    .max(10)
    .default(0.001)
    .describe('Weight of the squared weights, for each user'),
});

const UPLOADED = z.strictObject({ kind: z.literal('uploaded') });

/** What a churn model is made from. It never changes: another question is another model. */
export const CHURN_DEFINITION = z.discriminatedUnion('kind', [RFM, BG_NBD, LOGISTIC, ONNX, UPLOADED]);
export type ChurnDefinition = z.infer<typeof CHURN_DEFINITION>;
/** Those that Rekindle fits itself. */
export type FittedDefinition = z.infer<typeof RFM> | z.infer<typeof BG_NBD> | z.infer<typeof LOGISTIC>;
export type RfmDefinition = z.infer<typeof RFM>;
export type BgNbdDefinition = z.infer<typeof BG_NBD>;
export type LogisticDefinition = z.infer<typeof LOGISTIC>;
