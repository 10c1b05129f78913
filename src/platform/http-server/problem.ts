import { HttpStatus } from '@nestjs/common';

/** One wrong field: `pointer` is a JSON Pointer (RFC 6901) into the request body, or `?name` of a query parameter. */
export interface FieldError {
  pointer: string;
  code: string;
  detail: string;
}

/** A kind of error that a caller can act on; `code` is stable and documented. */
export interface ProblemKind {
  code: string;
  status: number;
  title: string;
}

export function defineProblem(code: string, status: number, title: string): ProblemKind {
  return Object.freeze({ code, status, title });
}

/** An error answer of the admin API (RFC 9457). `detail` says what to change. */
export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
    /** When it is worth trying again, as `Retry-After`. */
    readonly retryAfterSeconds?: number,
  ) {
    super(`${kind.code}: ${detail}`);
  }
}

export const PROBLEMS = {
  invalidRequest: defineProblem(
    'invalid_request',
    HttpStatus.UNPROCESSABLE_ENTITY,
    'The request is not valid',
  ),
  malformedJson: defineProblem('malformed_json', HttpStatus.BAD_REQUEST, 'The body is not JSON'),
  bodyTooLarge: defineProblem('body_too_large', HttpStatus.PAYLOAD_TOO_LARGE, 'The body is too large'),
  uploadTimeout: defineProblem('upload_timeout', HttpStatus.REQUEST_TIMEOUT, 'The file did not come in time'),
  unsupportedMedia: defineProblem(
    'unsupported_media_type',
    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
    'The body has a type that is not taken here',
  ),
  unauthenticated: defineProblem('unauthenticated', HttpStatus.UNAUTHORIZED, 'No valid API key'),
  forbidden: defineProblem('forbidden', HttpStatus.FORBIDDEN, 'The API key may not do this'),
  notFound: defineProblem('not_found', HttpStatus.NOT_FOUND, 'There is no such thing'),
  projectNotFound: defineProblem('project_not_found', HttpStatus.NOT_FOUND, 'There is no such project'),
  conflict: defineProblem('conflict', HttpStatus.CONFLICT, 'The request conflicts with the present state'),
  idempotencyMismatch: defineProblem(
    'idempotency_key_reused',
    HttpStatus.UNPROCESSABLE_ENTITY,
    'The Idempotency-Key was used for another request',
  ),
  unavailable: defineProblem('unavailable', HttpStatus.SERVICE_UNAVAILABLE, 'A part of the service is down'),
  internal: defineProblem('internal_error', HttpStatus.INTERNAL_SERVER_ERROR, 'The service failed'),
} as const;

/** For one wrong field that only the service can judge, such as a template that does not compile. */
export function invalidField(pointer: string, code: string, detail: string): Problem {
  return new Problem(PROBLEMS.invalidRequest, detail, [{ pointer, code, detail }]);
}

export function notFound(what: string, id: string): Problem {
  return new Problem(PROBLEMS.notFound, `There is no ${what} ${id} in this project.`);
}
