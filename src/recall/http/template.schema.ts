import { z } from 'zod';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { pageOf } from '../../platform/http-server/paging.js';
import { USER_ID, VARIABLES } from './recall.schema.js';

/** Sources are judged by their size in bytes too; this only keeps nonsense away from the compiler. */
const SOURCE = STORABLE_TEXT.max(200 * 1024);

/** The largest integer of PostgreSQL. */
const MAX_VERSION = 2_147_483_647;

const CONTENT = {
  subject: SOURCE.default('').describe('Handlebars; not escaped, always one line'),
  html: SOURCE.default('').describe('Handlebars; values are escaped, links are tracked'),
  text: SOURCE.default('').describe('Handlebars; not escaped; only {{link}} is tracked'),
  sample: VARIABLES.default({}).describe('Variables for previews'),
};

export const CREATE_TEMPLATE = z.strictObject({
  slug: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'has lower-case letters, digits and -, at most 63')
    .refine((slug) => !slug.startsWith('tpl_'), 'must not look like an id')
    .meta({ example: 'cart-reminder' }),
  channel: z.string().max(40).default('email'),
  ...CONTENT,
});
export type CreateTemplate = z.infer<typeof CREATE_TEMPLATE>;

export const WRITE_TEMPLATE = z.strictObject(CONTENT);
export type WriteTemplate = z.infer<typeof WRITE_TEMPLATE>;

const SUMMARY = z.object({
  id: z.string().meta({ example: 'tpl_01h455vb4pex5vsknk084sn02q' }),
  slug: z.string(),
  channel: z.string(),
  version: z.number().int().describe('The newest version, which new messages use'),
  source: z
    .enum(['api', 'file'])
    .describe('file: came with the service, and is renewed with it until somebody writes a version'),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export const TEMPLATE_PAGE = pageOf(SUMMARY);

export const TEMPLATE = SUMMARY.extend({
  shownVersion: z.number().int().describe('The version whose content this is'),
  subject: z.string(),
  html: z.string(),
  text: z.string(),
  sample: z.record(z.string(), z.unknown()),
  requiredVariables: z
    .array(z.string())
    .describe('A message that lacks one of these is held with missing_variable'),
  optionalVariables: z.array(z.string()).describe('Used in conditions or with a default'),
});

export const TEMPLATE_QUERY = z.object({
  version: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_VERSION)
    .optional()
    .describe('Another version than the newest'),
});
export type TemplateQuery = z.infer<typeof TEMPLATE_QUERY>;

export const TEMPLATE_VERSIONS = z.object({
  items: z.array(z.object({ version: z.number().int(), createdAt: z.iso.datetime(), createdBy: z.string() })),
});

export const PREVIEW_TEMPLATE = z.strictObject({
  version: z.number().int().min(1).max(MAX_VERSION).optional(),
  userId: USER_ID.optional().describe('Whose profile to use'),
  variables: VARIABLES.default({}).describe('Added to the sample of the template, and stronger than it'),
});
export type PreviewTemplate = z.infer<typeof PREVIEW_TEMPLATE>;

export const PREVIEW = z.object({
  subject: z.string().nullable(),
  html: z.string().nullable(),
  text: z.string().nullable(),
  missingVariables: z.array(z.string()).describe('Why there is no content: the message would be held'),
  error: z.string().nullable().describe('What a helper said of a value: the message would be held'),
});
