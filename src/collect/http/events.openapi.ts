import type { OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { DEAD_REASONS } from '../../kernel/reasons.js';

type PathItem = OpenAPIObject['paths'][string];
type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

const RECORD = z.strictObject({
  type: z
    .enum([
      'track',
      'identify',
      'unbind',
      'profile_set',
      'profile_set_once',
      'profile_increment',
      'profile_append',
      'profile_unset',
      'profile_delete',
    ])
    .default('track'),
  event: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Any text; needed for `track`, not allowed for `profile_…`'),
  event_id: z.string().min(1).max(255).optional().describe('Your id of the record: the same id counts once'),
  user_id: z.string().min(1).max(255).optional().describe('Id of a signed-in user'),
  distinct_id: z.string().min(1).max(255).optional().describe('Id of a device or browser'),
  identities: z
    .record(z.string(), z.string())
    .optional()
    .describe('Further identities, such as `$identity_email`'),
  time: z
    .union([z.iso.datetime(), z.number()])
    .optional()
    .describe('ISO 8601, or milliseconds since 1970; default: the moment of receiving'),
  time_free: z.boolean().optional().describe('Imported history: takes any time since September 2001'),
  properties: z.record(z.string(), z.unknown()).optional(),
});
const REQUEST = z.union([
  RECORD,
  z.array(RECORD).max(10_000),
  z.strictObject({
    events: z.array(RECORD).max(10_000),
    remark: z.string().optional().describe('Tag of the environment, kept as `$remark` of every event'),
  }),
]);
const REJECTION = z.object({
  index: z.int().describe('Place in the request, from 0'),
  pointer: z.string().describe('JSON Pointer (RFC 6901) into the body').meta({ example: '/events/3/time' }),
  code: z.enum(DEAD_REASONS),
  detail: z.string(),
});
const RESULT = z.object({ accepted: z.int(), rejected: z.array(REJECTION) });
const PROBLEM = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  accepted: z.literal(0),
  rejected: z.array(REJECTION),
});

/** Describes `/v1/events`, which no controller of Nest serves. */
export const EVENTS_PATH: PathItem = {
  post: {
    operationId: 'Events_store',
    summary: 'Store events and changes of profiles; durable when answered',
    tags: ['Events'],
    security: [{ bearer: [] }],
    parameters: [
      { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 200 } },
      {
        name: 'project',
        in: 'query',
        description: 'For a key of the installation, or a project without collect tokens',
        schema: { type: 'string' },
      },
      { name: 'remark', in: 'query', schema: { type: 'string' } },
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: toSchema(REQUEST, 'input') },
        'application/x-ndjson': { schema: toSchema(RECORD, 'input') },
      },
    },
    responses: {
      '200': {
        description: 'At least one record is stored; those in `rejected` are not',
        content: { 'application/json': { schema: toSchema(RESULT, 'output') } },
      },
      '400': { description: 'The body cannot be read; nothing is stored' },
      '401': { description: 'No valid key' },
      '403': { description: 'The page may not send events to this project' },
      '413': { description: 'The body is too large, or has more than 10,000 records; nothing is stored' },
      '422': {
        description: 'No record can be stored',
        content: { 'application/problem+json': { schema: toSchema(PROBLEM, 'output') } },
      },
      '503': { description: 'Send the same again after the time in Retry-After' },
    },
  },
};

function toSchema(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _, ...described } = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    reused: 'inline',
    io,
  });
  return described as Schema;
}
