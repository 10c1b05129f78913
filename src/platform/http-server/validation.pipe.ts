import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { type FieldError, PROBLEMS, Problem } from './problem.js';

/** Checks every parameter that declares a schema, and reports all wrong fields at once. */
@Injectable()
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const schema = (metadata as { schema?: unknown }).schema;
    if (!(schema instanceof z.ZodType)) return value;
    const parsed = schema.safeParse(value ?? {});
    if (parsed.success) return parsed.data;
    const errors = parsed.error.issues.flatMap((issue) => toFieldErrors(issue, metadata.type));
    throw new Problem(
      PROBLEMS.invalidRequest,
      errors.length === 1 ? (errors[0]?.detail ?? '') : `${errors.length} fields are wrong.`,
      errors,
    );
  }
}

function toFieldErrors(issue: z.core.$ZodIssue, from: ArgumentMetadata['type']): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: toPointer([...issue.path, key], from),
      code: 'unknown_field',
      detail: `There is no field ${key} here: remove it or correct its name.`,
    }));
  }
  return [
    {
      pointer: toPointer(issue.path, from),
      code: issue.code,
      detail: issue.message,
    },
  ];
}

function toPointer(path: readonly PropertyKey[], from: ArgumentMetadata['type']): string {
  if (from === 'query') return `?${path.map(String).join('.')}`;
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
