import { z } from 'zod';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { CRON_SCHEDULE } from '../../kernel/time/cron-schedule.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';
import { CHURN_DEFINITION } from '../core/definition.js';
import { RUN_TASKS } from '../core/plan-tables.js';
import { SCORE_ROW_REASONS } from '../core/score-reader.js';
import { MODEL_STATES } from '../data/churn-model.repository.js';
import { RUN_STATES, RUN_TRIGGERS } from '../data/churn-run.repository.js';

const NAME = STORABLE_TEXT.trim().min(1).max(200).describe('Unique among the models that are not archived');
const TASK = z
  .enum(RUN_TASKS)
  .describe(
    'train: fit the model, judge it, score everyone; score: score everyone with the latest fit. A model that was trained elsewhere is only judged',
  );
const SCHEDULE = CRON_SCHEDULE.unwrap()
  .extend({ task: TASK.optional().describe('Default: train') })
  .nullable()
  .describe('null: it runs only when asked to');
const EDITABLE_STATE = z.enum(['active', 'paused']).describe('A paused model runs only when asked to');

export const CREATE_MODEL = z.strictObject({
  name: NAME,
  definition: CHURN_DEFINITION.describe('What the model is made from; see docs/churn.md'),
  schedule: SCHEDULE.optional(),
  state: EDITABLE_STATE.optional(),
});
export type CreateModel = z.infer<typeof CREATE_MODEL>;

export const UPDATE_MODEL = z.strictObject({
  name: NAME.optional(),
  schedule: SCHEDULE.optional(),
  state: EDITABLE_STATE.optional(),
});
export type UpdateModel = z.infer<typeof UPDATE_MODEL>;

export const LIST_MODELS = PAGE_QUERY.extend({
  state: z.enum(MODEL_STATES).optional().describe('Default: all but archived'),
});
export type ListModels = z.infer<typeof LIST_MODELS>;

export const START_RUN = z.strictObject({
  task: TASK,
  asOf: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Nothing at or after this moment is looked at; default: now'),
});
export type StartRun = z.infer<typeof START_RUN>;

export const SEND_SCORES = z.strictObject({
  asOf: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Nothing at or after this moment is in the scores; default: now'),
});
export type SendScores = z.infer<typeof SEND_SCORES>;

export const EXPORT_SCORES = z.object({ format: z.enum(['csv', 'jsonl']).default('csv') });
export type ExportScores = z.infer<typeof EXPORT_SCORES>;

const INSTANT = z.iso.datetime();
const RATE = z.number().nullable();

const RUN_SUMMARY = z.object({
  id: z.string(),
  modelId: z.string(),
  task: z.enum(RUN_TASKS),
  asOf: INSTANT.describe('Nothing at or after this moment was looked at'),
  state: z.enum(RUN_STATES),
  trigger: z.enum(RUN_TRIGGERS),
  attempts: z.number().int(),
  queuedAt: INSTANT,
  startedAt: INSTANT.nullable(),
  finishedAt: INSTANT.nullable(),
  durationMs: z.number().int().nullable(),
  fitRunId: z.string().nullable().describe('The run whose fit gave the scores'),
  scoredCount: z.number().int().nullable(),
  error: z.string().nullable(),
});
export const RUN_PAGE = pageOf(RUN_SUMMARY);

const LIKELIHOOD = { logLikelihood: z.number(), customers: z.number().int(), hasConverged: z.boolean() };
const BOUNDS = z.array(RATE).describe('The least value that earns 2, 3, 4 and 5; null where nobody does');
const FIT = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('rfm'),
    recency: BOUNDS.describe('Of the negative days since the last activity'),
    frequency: BOUNDS,
    monetary: BOUNDS.nullable(),
  }),
  z.object({
    kind: z.literal('bg_nbd'),
    purchases: z.object({
      r: z.number(),
      alpha: z.number(),
      a: z.number(),
      b: z.number(),
      groups: z.number().int().describe('Different histories among the customers'),
      evaluations: z.number().int(),
      ...LIKELIHOOD,
    }),
    spending: z
      .object({ p: z.number(), q: z.number(), gamma: z.number(), ...LIKELIHOOD })
      .nullable()
      .describe('The gamma-gamma model'),
  }),
  z.object({
    kind: z.literal('logistic'),
    model: z.object({
      intercept: z.number(),
      weights: z.array(
        z.object({
          name: z.string(),
          mean: z.number(),
          deviation: z.number(),
          weight: z.number().describe('For one standard deviation; above 0: a sign of churn'),
          missingWeight: z.number(),
        }),
      ),
      logLikelihood: z.number(),
      users: z.number().int(),
      iterations: z.number().int(),
      hasConverged: z.boolean(),
    }),
  }),
  z.object({
    kind: z.literal('onnx'),
    fileId: z.string(),
    sha256: z.string(),
    snapshotId: z.string().describe('The snapshot that was scored'),
    cutoff: INSTANT.describe('Nothing at or after it is in any feature'),
    judgedBy: z
      .object({ snapshotId: z.string(), cutoff: INSTANT })
      .nullable()
      .describe('The snapshot whose labels judged the model'),
  }),
]);

const RANKING = {
  auc: RATE.describe('0.5 is chance, 1 is perfect; null where all or none churned'),
  liftInTopDecile: RATE.describe('How much more often the tenth with the highest scores churned than all'),
};
const VALIDATION = z.object({
  users: z.number().int(),
  churned: z.number().int(),
  ...RANKING,
  calibration: z
    .array(z.object({ users: z.number().int(), predicted: z.number(), actual: z.number() }))
    .describe('Tenths by score: the mean score, and the share that churned'),
  baseline: z.object(RANKING).describe('The same users ranked by the days since the last activity'),
});
const REPORT = z.object({
  users: z
    .number()
    .int()
    .describe('Users that the model was fitted on; 0 for one that was trained elsewhere'),
  validation: VALIDATION.nullable(),
  holdout: z
    .array(
      z.object({
        repeatPurchases: z.number().int(),
        orMore: z.boolean(),
        customers: z.number().int(),
        expected: z.number(),
        actual: z.number(),
      }),
    )
    .nullable()
    .describe('Purchases in the held-out days by repeat purchases before'),
  warnings: z.array(z.string()),
});
const UPLOAD = z.object({
  rows: z.number().int(),
  matched: z.number().int().describe('Users that have a score now'),
  unknown: z.number().int().describe('Rows of users that the project does not have'),
  repeated: z.number().int().describe('Rows of users who have more than one; the last one counts'),
  invalid: z.number().int().describe('Rows that cannot be read, or hold no score'),
  reasons: z.partialRecord(z.enum(SCORE_ROW_REASONS), z.number().int()),
  examples: z
    .array(z.object({ line: z.number().int(), reason: z.enum(SCORE_ROW_REASONS) }))
    .describe('The first rows that gave no score'),
});
export const RUN_DETAIL = RUN_SUMMARY.extend({
  fit: FIT.nullable().describe('What was learned; null where the run did not train'),
  report: REPORT.nullable(),
  upload: UPLOAD.nullable().describe('What a file of scores came to; null where they were computed'),
});

const MODEL_SUMMARY = z.object({
  id: z.string(),
  name: z.string(),
  definition: CHURN_DEFINITION,
  schedule: z.object({ cron: z.string(), timeZone: z.string(), task: z.enum(RUN_TASKS) }).nullable(),
  state: z.enum(MODEL_STATES),
  nextRunAt: INSTANT.nullable(),
  createdAt: INSTANT,
  updatedAt: INSTANT,
});
export const MODEL_SAVED = MODEL_SUMMARY;
export const MODEL_PAGE = pageOf(MODEL_SUMMARY);
export const MODEL_DETAIL = MODEL_SUMMARY.extend({
  latestRun: RUN_SUMMARY.nullable().describe('The finished run with the latest moment'),
  latestTraining: RUN_SUMMARY.nullable().describe('The finished training with the latest moment'),
});

const USER_SCORE = z.object({
  userId: z.string().describe('usr_<number>'),
  score: z.number().describe('0 to 1; the higher, the more surely gone'),
  details: z.record(z.string(), z.number()).describe('What else the model tells; see docs/churn.md'),
});
export const SCORE_PAGE = pageOf(USER_SCORE);
export const SCORE_OF_USER = z.object({
  userId: z.string(),
  score: RATE.describe('null where the run did not look at the user'),
  details: z.record(z.string(), z.number()).nullable(),
  runId: z.string().nullable().describe('The run that was looked into; null where none is finished'),
  asOf: INSTANT.nullable(),
});
export const DISTRIBUTION = z.object({
  users: z.number().int(),
  mean: RATE,
  percentiles: z.array(z.number()).describe('The 10th, 25th, 50th, 75th and 90th; empty without users'),
  tenths: z.array(z.number().int()).describe('Users with a score from 0 to 0.1, from 0.1 to 0.2, …'),
});
