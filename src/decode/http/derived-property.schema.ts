import { z } from 'zod';
import { CIPHER_KEY_BYTES, CIPHERS, checkPattern, DERIVE_SCOPES } from '../core/enrich/derive.js';
import { isLegalName } from '../core/names.js';

const STORABLE = /^[^\0\p{Surrogate}]*$/u;
const MAX_STEPS = 10;

const SOURCE = z
  .string()
  .refine(isLegalName, 'has letters, digits, _ and $, at most 100')
  .describe('Property that the value is made of; presets such as `$url` too')
  .meta({ example: '$url' });
const TARGET = z
  .string()
  .refine((name) => isLegalName(name) && !name.startsWith('$'), {
    message: 'has letters, digits and _, at most 100, and does not begin with $',
  })
  .describe('Property that is written; may be the source itself')
  .meta({ example: 'sku' });

const LOWER_CASE = z.strictObject({ op: z.literal('lower_case') });
const SPLIT = z.strictObject({
  op: z.literal('split'),
  separator: z.string().min(1).max(20).regex(STORABLE, 'holds characters that can be stored'),
  index: z.int().min(-100).max(100).describe('From 0; negative counts from the end'),
});
const URL_PARAMETER = z.strictObject({
  op: z.literal('url_parameter'),
  name: z.string().min(1).max(100).regex(STORABLE, 'holds characters that can be stored'),
});
const REGEX = z
  .strictObject({
    op: z.literal('regex'),
    pattern: z
      .string()
      .min(1)
      .max(300)
      .regex(STORABLE, 'holds characters that can be stored')
      .describe('RE2 syntax: no look-around and no back references; sees the first 1,024 characters'),
    group: z.int().min(0).max(20).default(0).describe('0 is the whole match'),
  })
  .superRefine(({ pattern, group }, context) => {
    const problem = checkPattern(pattern, group);
    if (problem !== null) context.addIssue({ code: 'custom', path: ['pattern'], message: problem });
  });
const SHA256 = z.strictObject({ op: z.literal('sha256') }).describe('As 64 hex digits');
const DECRYPT = z
  .strictObject({
    op: z.literal('decrypt'),
    cipher: z.enum(CIPHERS),
    secretKey: z
      .base64()
      .refine((key) => Buffer.from(key, 'base64').length === CIPHER_KEY_BYTES, 'is 32 bytes as base64')
      .describe('32 bytes as base64; kept encrypted and never shown again'),
  })
  .describe('The value is base64 of IV and cipher text; with GCM of nonce (12 bytes), cipher text and tag');

const STEP = z.discriminatedUnion('op', [LOWER_CASE, SPLIT, URL_PARAMETER, REGEX, SHA256, DECRYPT]);
const SHOWN_STEP = z.discriminatedUnion('op', [
  LOWER_CASE,
  SPLIT,
  URL_PARAMETER,
  REGEX,
  SHA256,
  DECRYPT.omit({ secretKey: true }),
]);

export const DERIVED_PROPERTY_INPUT = z.strictObject({
  scope: z
    .enum(DERIVE_SCOPES)
    .default('event')
    .describe('`event`: properties of events; `profile`: what profile_set and profile_set_once write'),
  source: SOURCE,
  target: TARGET,
  steps: z.array(STEP).max(MAX_STEPS).describe('Applied in order to the text of the source; none: a copy'),
  position: z
    .int()
    .min(0)
    .max(10_000)
    .default(100)
    .describe('Order of application; one with a larger position can use what one with a smaller made'),
});
export type DerivedPropertyBody = z.infer<typeof DERIVED_PROPERTY_INPUT>;

export const DERIVED_PROPERTY = DERIVED_PROPERTY_INPUT.extend({
  id: z.string().meta({ example: 'drv_01kt3v5m7nz8q2w4x6y0abcdef' }),
  steps: z.array(SHOWN_STEP),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export const DERIVED_PROPERTY_LIST = z.object({ items: z.array(DERIVED_PROPERTY) });

export const PREVIEW = z.strictObject({
  definition: DERIVED_PROPERTY_INPUT,
  properties: z.record(z.string(), z.json()).describe('Properties of a record to try the definition on'),
});
export type Preview = z.infer<typeof PREVIEW>;

export const PREVIEWED = z.object({
  value: z.json().describe('What the target gets; null: it stays as it is'),
  trace: z.array(z.object({ op: z.string(), value: z.string().nullable() })).describe('What each step gave'),
  error: z.string().nullable().describe('Why a step could not be done'),
});
