import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Projects } from '../../access/contract.js';
import type { Envelope } from '../../kernel/event.js';
import type { JsonObject } from '../../kernel/json.js';
import { KEPT_PAYLOAD_BYTES } from '../../kernel/refusal.js';
import { Config } from '../../platform/config/config.js';
import { PayloadInspector } from '../contract.js';
import { type Admission, admit, DEFAULT_PROJECT_SLUG } from '../core/admission.js';
import { arrivalOf, type CollectReply, type CollectRequest, count, Intake } from './intake.js';
import { type BodyBudget, type CollectedBody, NO_BODY, readBody } from './read-body.js';

/** Takes requests of SDKs that name their project into the journal, and answers when they are durable. */
@Injectable()
export class CollectHandler {
  private readonly budget: BodyBudget = { usedBytes: 0 };
  private readonly bodyLimitBytes: number;
  private readonly budgetBytes: number;

  constructor(
    config: Config,
    private readonly projects: Projects,
    private readonly inspector: PayloadInspector,
    private readonly intake: Intake,
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
  async store(request: CollectRequest): Promise<CollectReply> {
    try {
      this.intake.assertRead(request);
      const { envelope, admission } = await this.admit(request);
      await this.intake.append(envelope, admission);
      return this.intake.answer(request, admission);
    } catch (error) {
      return this.intake.shed(request, error);
    }
  }

  /** For developers: tells what the request decodes to, and stores it unless it is a dry run. */
  async check(request: CollectRequest): Promise<CollectReply> {
    try {
      this.intake.assertRead(request);
      const { envelope, admission } = await this.admit(request);
      const { valid, stages } =
        admission.outcome === 'stored'
          ? await this.inspector.inspect(envelope)
          : { valid: false, stages: { errors: [{ reason: admission.reason, detail: admission.detail }] } };
      if (!request.isDryRun) await this.intake.append(envelope, admission);
      count(request.source, admission.outcome);
      const body = { valid, stored: !request.isDryRun && valid, ...stages };
      return toJsonReply(valid ? 200 : 400, body, admission);
    } catch (error) {
      return this.intake.shed(request, error);
    }
  }

  private async admit(request: CollectRequest): Promise<{ envelope: Envelope; admission: Admission }> {
    const slug = request.project ?? DEFAULT_PROJECT_SLUG;
    const rules = await this.projects.collectRules(slug);
    const arrival = arrivalOf(request, this.bodyLimitBytes);
    const admission = admit(arrival, { slug, rules, token: request.token });
    const content = { query: request.query, body: request.body.bytes };
    return { envelope: this.intake.toEnvelope(request, admission, content), admission };
  }
}

function toJsonReply(status: number, body: JsonObject, { outcome }: Admission): CollectReply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
    isForeign: outcome === 'origin_not_allowed',
  };
}
