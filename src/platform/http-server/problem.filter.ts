import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { currentRequestId, log } from '../log/log.js';
import { PROBLEMS, Problem, type ProblemKind } from './problem.js';

const BY_FASTIFY_CODE: Record<string, { kind: ProblemKind; detail: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    kind: PROBLEMS.bodyTooLarge,
    detail: 'Send a smaller body.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: {
    kind: PROBLEMS.malformedJson,
    detail: 'Send a JSON body.',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: {
    kind: PROBLEMS.malformedJson,
    detail: 'The body is not valid JSON.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    kind: PROBLEMS.unsupportedMedia,
    detail: 'Send the body with Content-Type: application/json.',
  },
};

/** Turns every error into `application/problem+json`; what is not meant for callers stays in the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    const problem = toProblem(error);
    if (problem.kind.status >= 500) log.error({ err: error }, 'request failed');
    if (problem.kind.status === 401) void reply.header('www-authenticate', 'Bearer');
    void reply
      .status(problem.kind.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(toProblemBody(problem));
  }
}

export function toProblemBody(problem: Problem): Record<string, unknown> {
  return {
    type: `/problems/${problem.kind.code.replaceAll('_', '-')}`,
    title: problem.kind.title,
    status: problem.kind.status,
    detail: problem.detail,
    instance: `urn:request:${currentRequestId() ?? 'unknown'}`,
    code: problem.kind.code,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
  };
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const known = typeof code === 'string' ? BY_FASTIFY_CODE[code] : undefined;
  if (known) return new Problem(known.kind, known.detail);
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number })?.statusCode;
  if (status === 404) return new Problem(PROBLEMS.notFound, 'There is nothing at this address.');
  if (status === 400) {
    const malformed = /json/i.test((error as Error).message);
    return malformed
      ? new Problem(PROBLEMS.malformedJson, 'The body is not valid JSON.')
      : new Problem({ ...PROBLEMS.invalidRequest, status: 400 }, 'The request cannot be read.');
  }
  return new Problem(PROBLEMS.internal, 'The cause is in the log under the request id in `instance`.');
}
