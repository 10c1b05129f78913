import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { EVENTS_PATH } from '../collect/http/events.openapi.js';

type SchemaObject = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

const VERSION = '1';

const PROBLEM_SCHEMA = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
  properties: {
    type: { type: 'string' as const, example: '/problems/invalid-request' },
    title: { type: 'string' as const },
    status: { type: 'integer' as const },
    detail: { type: 'string' as const, description: 'What to change' },
    instance: { type: 'string' as const, example: 'urn:request:req_01h455vb4pex5vsknk084sn02q' },
    code: { type: 'string' as const, description: 'Stable; for programs' },
    errors: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        properties: {
          pointer: {
            type: 'string' as const,
            description: 'JSON Pointer into the body, or ?name of a query parameter',
          },
          code: { type: 'string' as const },
          detail: { type: 'string' as const },
        },
      },
    },
  },
};

/** The description of the API, made from the controllers. */
export function createOpenApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Rekindle admin API')
    .setDescription(
      'Errors are application/problem+json (RFC 9457). Lists are paged by cursor. Writes accept Idempotency-Key.',
    )
    .setVersion(VERSION)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key' })
    .addGlobalResponse({
      status: 'default',
      description: 'What went wrong and what to change',
      content: { 'application/problem+json': { schema: PROBLEM_SCHEMA } },
    })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
    standardSchemaConverter: (schema, { schemaType }) => toOpenApiSchema(schema, schemaType),
  });
  document.paths['/v1/events'] = EVENTS_PATH;
  return document;
}

/** A schema with a check that JSON Schema cannot say is described by what it can. */
function toOpenApiSchema(schema: unknown, io: 'input' | 'output') {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { $schema: _, ...described } = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    unrepresentable: 'any',
    reused: 'inline',
    io,
  });
  return { schema: described as SchemaObject };
}

/** Swagger UI at /docs; the document is made when it is first asked for. */
export function serveOpenApi(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => createOpenApi(app), { jsonDocumentUrl: 'docs/openapi.json' });
}
