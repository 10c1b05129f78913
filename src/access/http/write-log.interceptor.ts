import { createHash } from 'node:crypto';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { newId } from '../../kernel/ids.js';
import type { Json } from '../../kernel/json.js';
import { Clock } from '../../platform/clock/clock.js';
import { READS_ONLY, type RequestWithAccess } from '../../platform/http-server/access.js';
import { PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { AccessRepository } from '../data/access.repository.js';
import { IdempotencyRepository } from '../data/idempotency.repository.js';

const SECRET_FIELDS = /secret|password|token|apikey|private/i;

/** Every write of the admin API: repeated safely by its Idempotency-Key, and written into the audit log. */
@Injectable()
export class WriteLogInterceptor implements NestInterceptor {
  constructor(
    private readonly repository: AccessRepository,
    private readonly idempotency: IdempotencyRepository,
    private readonly clock: Clock,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<RequestWithAccess>();
    const readsOnly =
      request.method === 'GET' ||
      request.method === 'HEAD' ||
      this.reflector.get<boolean | undefined>(READS_ONLY, context.getHandler()) === true;
    if (readsOnly || !request.principal) return next.handle();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return from(this.write(request, reply, () => lastValueFrom(next.handle(), { defaultValue: undefined })));
  }

  private async write(
    request: RequestWithAccess,
    reply: FastifyReply,
    run: () => Promise<unknown>,
  ): Promise<unknown> {
    const claim = await this.claim(request);
    if (claim?.answer) {
      void reply.status(claim.answer.status).header('idempotent-replay', 'true');
      return claim.answer.body;
    }
    try {
      const body = await run();
      await this.audit(request, reply.statusCode);
      if (claim)
        await this.idempotency.settle(claim.key, { status: reply.statusCode, body: (body ?? null) as Json });
      return body;
    } catch (error) {
      if (claim) await this.idempotency.release(claim.key);
      await this.audit(request, error instanceof Problem ? error.kind.status : 500);
      throw error;
    }
  }

  private async claim(request: RequestWithAccess) {
    const idempotencyKey = request.headers['idempotency-key'];
    if (typeof idempotencyKey !== 'string' || idempotencyKey === '' || !request.principal) return null;
    if (idempotencyKey.length > 200) {
      throw new Problem(PROBLEMS.invalidRequest, 'The Idempotency-Key is longer than 200 characters.');
    }
    const key = { keyId: request.principal.keyId, idempotencyKey };
    const requestHash = createHash('sha256')
      .update(`${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`)
      .digest('hex');
    const found = await this.idempotency.claim(key, requestHash);
    if (found === 'claimed') return { key, answer: null };
    if (found.requestHash !== requestHash) {
      throw new Problem(PROBLEMS.idempotencyMismatch, 'Use a new Idempotency-Key for a new request.');
    }
    if (!found.answer)
      throw new Problem(PROBLEMS.conflict, 'The first request with this Idempotency-Key is still running.');
    return { key, answer: found.answer };
  }

  private async audit(request: RequestWithAccess, status: number): Promise<void> {
    await this.repository.insertAudit({
      id: newId('audit'),
      projectId: request.project?.id ?? request.principal?.projectId ?? null,
      keyId: request.principal?.keyId ?? '',
      at: new Date(this.clock.now()),
      method: request.method,
      path: request.url.split('?')[0] ?? '',
      status,
      request: withoutSecrets(request.body),
      requestId: request.id,
    });
  }
}

/** Characters that jsonb cannot keep, as JSON.stringify writes them: NUL, and halves of surrogate pairs. */
const UNSTORABLE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** What the log keeps of a request: large bodies by their size only, secrets not at all. */
function withoutSecrets(body: unknown): Json {
  const text = JSON.stringify(body ?? null, (key, value: unknown) =>
    SECRET_FIELDS.test(key) ? '[redacted]' : value,
  ).replace(UNSTORABLE, '\\ufffd');
  return text.length > 16_384 ? { omittedBytes: text.length } : (JSON.parse(text) as Json);
}
