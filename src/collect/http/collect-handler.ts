import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Projects } from '../../access/contract.js';
import { Journal, JournalFullError } from '../../journal/contract.js';
import type { Envelope } from '../../kernel/event.js';
import type { JsonObject } from '../../kernel/json.js';
import { KEPT_PAYLOAD_BYTES, toRefusedEnvelope } from '../../kernel/refusal.js';
import { Clock } from '../../platform/clock/clock.js';
import { Config } from '../../platform/config/config.js';
import { log } from '../../platform/log/log.js';
import { metrics } from '../../platform/metrics/metrics.js';
import { PayloadInspector } from '../contract.js';
import { type Admission, admit, DEFAULT_PROJECT_SLUG } from '../core/admission.js';
import type { CollectOutcome, EventSource, SourceReply } from '../core/event-source.js';
import { type BodyBudget, type CollectedBody, NO_BODY, readBody } from './read-body.js';

/** A request of an SDK, free of Fastify. */
export interface CollectRequest {
  source: EventSource;
  method: string;
  path: string;
  query: string;
  /** Slug in the query; null where none is named. */
  project: string | null;
  token: string | null;
  ip: string;
  userAgent: string;
  /** Of a check: store nothing. */
  isDryRun: boolean;
  body: CollectedBody;
}

const BUSY_RETRY_SECONDS = 5;

/** Takes requests of SDKs into the journal, and answers when they are durable. */
@Injectable()
export class CollectHandler {
  private readonly budget: BodyBudget = { usedBytes: 0 };
  private readonly bodyLimitBytes: number;
  private readonly budgetBytes: number;
  private failureLoggedAt = 0;

  constructor(
    config: Config,
    private readonly clock: Clock,
    private readonly projects: Projects,
    private readonly journal: Journal,
    private readonly inspector: PayloadInspector,
  ) {
    this.bodyLimitBytes = config.get('COLLECT_BODY_LIMIT_BYTES');
    // As much as may wait for its commit may be on its way in.
    this.budgetBytes = config.get('JOURNAL_BUFFER_BYTES');
  }

  /** Leaves the body unread where those under way fill the memory set aside for them. */
  async readBody(stream: Readable): Promise<CollectedBody> {
    if (this.budget.usedBytes > this.budgetBytes) {
      stream.resume();
      return { ...NO_BODY, isShed: true };
    }
    return readBody(stream, { bytes: this.bodyLimitBytes, keptBytes: KEPT_PAYLOAD_BYTES }, this.budget);
  }

  /** The hot path: admits, appends, answers. */
  async store(request: CollectRequest): Promise<SourceReply> {
    try {
      if (request.body.isShed) throw new JournalFullError(1);
      const { envelope, admission } = await this.admit(request);
      await this.append(envelope, admission);
      return answer(request, admission.outcome);
    } catch (error) {
      return this.shed(request, error);
    }
  }

  /** For developers: tells what the request decodes to, and stores it unless it is a dry run. */
  async check(request: CollectRequest): Promise<SourceReply> {
    try {
      if (request.body.isShed) throw new JournalFullError(1);
      const { envelope, admission } = await this.admit(request);
      const { valid, stages } =
        admission.outcome === 'stored'
          ? await this.inspector.inspect(envelope)
          : { valid: false, stages: { errors: [{ reason: admission.reason, detail: admission.detail }] } };
      if (!request.isDryRun) await this.append(envelope, admission);
      count(request.source, admission.outcome);
      return toJsonReply(valid ? 200 : 400, { valid, stored: !request.isDryRun && valid, ...stages });
    } catch (error) {
      return this.shed(request, error);
    }
  }

  private async admit(request: CollectRequest): Promise<{ envelope: Envelope; admission: Admission }> {
    const slug = request.project ?? DEFAULT_PROJECT_SLUG;
    const projectId = (await this.projects.findBySlug(slug))?.id ?? null;
    const admission = admit({
      slug,
      projectId,
      isTokenAccepted: projectId !== null && (await this.projects.acceptsToken(projectId, request.token)),
      exceededLimitBytes: request.body.isTooLarge ? this.bodyLimitBytes : null,
    });
    const envelope: Envelope = {
      source: request.source.name,
      projectId: admission.projectId,
      receivedAt: this.clock.now(),
      ip: request.ip,
      userAgent: request.userAgent,
      query: request.query,
      body: request.body.bytes,
    };
    return { envelope, admission };
  }

  private append(envelope: Envelope, admission: Admission): Promise<void> {
    if (admission.outcome === 'stored') return this.journal.append(envelope);
    return this.journal.append(toRefusedEnvelope(envelope, admission.reason, admission.detail));
  }

  /** Whatever keeps the journal from taking the request, the SDK keeps it and comes again. */
  private shed(request: CollectRequest, error: unknown): SourceReply {
    const isFull = error instanceof JournalFullError;
    if (!isFull) this.logFailure(error);
    const reply = answer(request, 'shed');
    const retryAfter = String(isFull ? error.retryAfterSeconds : BUSY_RETRY_SECONDS);
    return { ...reply, headers: { ...reply.headers, 'retry-after': retryAfter } };
  }

  /** Once a second at the most: every request fails while the database is away. */
  private logFailure(error: unknown): void {
    const now = this.clock.now();
    if (now - this.failureLoggedAt < 1_000) return;
    this.failureLoggedAt = now;
    log.error({ err: error }, 'a request of an SDK could not be journaled');
  }
}

function answer(request: CollectRequest, outcome: CollectOutcome): SourceReply {
  count(request.source, outcome);
  return request.source.reply(outcome, request);
}

function count(source: EventSource, outcome: CollectOutcome): void {
  const answered = outcome === 'stored' || outcome === 'shed' ? outcome : 'refused';
  metrics.collectRequests.inc({ source: source.name, answer: answered });
}

function toJsonReply(status: number, body: JsonObject): SourceReply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}
