import { z } from 'zod';
import { CONDITION, CONDITION_VARIANTS } from './condition.js';
import { COMPARE, COMPARE_VARIANTS } from './measure.js';
import { SQL_DEFINITION } from './sql-definition.js';
import { WINDOW, WINDOW_VARIANTS } from './window.js';

type JsonSchema = Record<string, unknown>;

/** Schemas whose variants are told apart by a key, and so are lost on the way to JSON Schema. */
const CHOICES = new Map<unknown, string>([
  [CONDITION, 'condition'],
  [WINDOW, 'window'],
  [COMPARE, 'comparison'],
]);

const SQL_DEFINITION_SCHEMA = toJsonSchema(SQL_DEFINITION.shape.sql);

/**
 * The segment language as JSON Schema (draft 2020-12), for editors and generators. It is as strict as a schema can be;
 * what joins several fields, such as a count compared with an age, is found out when a definition is sent.
 */
export const LANGUAGE_SCHEMA: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:rekindle:segment-language:1',
  title: 'Rekindle segment language, version 1',
  type: 'object',
  properties: { version: { const: 1 }, where: { $ref: '#/$defs/condition' }, sql: SQL_DEFINITION_SCHEMA },
  required: ['version'],
  oneOf: [{ required: ['where'] }, { required: ['sql'] }],
  additionalProperties: false,
  $defs: {
    condition: { oneOf: Object.values(CONDITION_VARIANTS).map(toJsonSchema) },
    window: { oneOf: [{ const: 'all_time' }, ...Object.values(WINDOW_VARIANTS).map(toJsonSchema)] },
    comparison: { oneOf: Object.values(COMPARE_VARIANTS).map(toJsonSchema) },
  },
};

function toJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...described } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const name = CHOICES.get(zodSchema);
      if (name !== undefined) jsonSchema.$ref = `#/$defs/${name}`;
    },
  });
  return described;
}
