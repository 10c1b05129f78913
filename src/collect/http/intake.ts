import { Injectable } from '@nestjs/common';
import { Journal, JournalFullError } from '../../journal/contract.js';
import type { Envelope } from '../../kernel/event.js';
import { toRefusedEnvelope } from '../../kernel/refusal.js';
import { Clock } from '../../platform/clock/clock.js';
import { log } from '../../platform/log/log.js';
import { metrics } from '../../platform/metrics/metrics.js';
import type { Admission, Arrival } from '../core/admission.js';
import type { CollectOutcome, EventSource, SourceReply, SourceRequest } from '../core/event-source.js';
import type { CollectedBody } from './read-body.js';

/** A request of a client, free of Fastify. */
export interface CollectRequest extends SourceRequest {
  source: EventSource;
  query: string;
  /** Slug in the query; null where none is named. */
  project: string | null;
  token: string | null;
  ip: string;
  userAgent: string;
  origin: string | null;
  referer: string | null;
  /** Of a check: store nothing. */
  isDryRun: boolean;
  body: CollectedBody;
}

/** An answer, and whether a page of the origin that asked may read it. */
export interface CollectReply extends SourceReply {
  isForeign: boolean;
}

const BUSY_RETRY_SECONDS = 5;

/** What every request goes through, however its project was found: the journal, the counters, the answer. */
@Injectable()
export class Intake {
  private failureLoggedAt = 0;

  constructor(
    private readonly clock: Clock,
    private readonly journal: Journal,
  ) {}

  toEnvelope(
    request: CollectRequest,
    { projectId }: Admission,
    content: Pick<Envelope, 'query' | 'body'>,
  ): Envelope {
    return {
      source: request.source.name,
      projectId,
      receivedAt: this.clock.now(),
      ip: request.ip,
      userAgent: request.userAgent,
      query: content.query,
      body: content.body,
    };
  }

  append(envelope: Envelope, admission: Admission): Promise<void> {
    if (admission.outcome === 'stored') return this.journal.append(envelope);
    return this.journal.append(toRefusedEnvelope(envelope, admission.reason, admission.detail));
  }

  /** @throws where the body was left unread because others fill the memory set aside for them */
  assertRead({ body }: CollectRequest): void {
    if (body.isShed) throw new JournalFullError(1);
  }

  answer(request: CollectRequest, admission: Admission): CollectReply {
    count(request.source, admission.outcome);
    const detail = admission.outcome === 'stored' ? '' : admission.detail;
    const reply = request.source.reply(admission.outcome, request, detail);
    return { ...reply, isForeign: admission.outcome === 'origin_not_allowed' };
  }

  /** Whatever keeps the journal from taking the request, the client keeps it and comes again. */
  shed(request: CollectRequest, error: unknown): CollectReply {
    const isFull = error instanceof JournalFullError;
    if (!isFull) this.logFailure(error);
    count(request.source, 'shed');
    const reply = request.source.reply('shed', request, '');
    const retryAfter = String(isFull ? error.retryAfterSeconds : BUSY_RETRY_SECONDS);
    return { ...reply, headers: { ...reply.headers, 'retry-after': retryAfter }, isForeign: false };
  }

  /** Once a second at the most: every request fails while the database is away. */
  private logFailure(error: unknown): void {
    const now = this.clock.now();
    if (now - this.failureLoggedAt < 1_000) return;
    this.failureLoggedAt = now;
    log.error({ err: error }, 'a request of an SDK could not be journaled');
  }
}

export function count(source: EventSource, outcome: CollectOutcome): void {
  const answered = outcome === 'stored' || outcome === 'shed' ? outcome : 'refused';
  metrics.collectRequests.inc({ source: source.name, answer: answered });
}

export function arrivalOf(request: CollectRequest, limitBytes: number): Arrival {
  const { body, origin, referer } = request;
  const exceededLimitBytes = body.isTooLarge ? limitBytes : null;
  return { bodyBytes: body.bytes.length, exceededLimitBytes, origin, referer };
}
