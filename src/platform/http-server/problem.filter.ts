import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { log } from '../log/log.js';
import { PROBLEMS, Problem, type ProblemKind } from './problem.js';

/** What Fastify refuses before a controller runs; Nest hands it on by its status. */
const BY_STATUS: Record<number, { kind: ProblemKind; detail: string }> = {
  400: { kind: PROBLEMS.malformedJson, detail: 'The body is not valid JSON.' },
  404: { kind: PROBLEMS.notFound, detail: 'There is nothing at this address.' },
  413: { kind: PROBLEMS.bodyTooLarge, detail: 'The body is larger than 2 MiB: send a smaller one.' },
  415: { kind: PROBLEMS.unsupportedMedia, detail: 'Send the body with Content-Type: application/json.' },
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
    if (problem.kind.status >= 500) log.error({ err: error, requestId: reply.request.id }, 'request failed');
    if (problem.kind.status === 401) void reply.header('www-authenticate', 'Bearer');
    if (problem.retryAfterSeconds !== undefined) void reply.header('retry-after', problem.retryAfterSeconds);
    void sendProblem(reply, problem);
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .status(problem.kind.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(toProblemBody(problem, reply.request.id));
}

function toProblemBody(problem: Problem, requestId: string): Record<string, unknown> {
  return {
    type: `/problems/${problem.kind.code.replaceAll('_', '-')}`,
    title: problem.kind.title,
    status: problem.kind.status,
    detail: problem.detail,
    instance: `urn:request:${requestId === '' ? 'unknown' : requestId}`,
    code: problem.kind.code,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
  };
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number })?.statusCode;
  const known = status === undefined ? undefined : BY_STATUS[status];
  if (known) return new Problem(known.kind, known.detail);
  return new Problem(PROBLEMS.internal, 'The cause is in the log under the request id in `instance`.');
}
