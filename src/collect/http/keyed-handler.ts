import { Injectable } from '@nestjs/common';
import { type CollectRules, Projects } from '../../access/contract.js';
import { Config } from '../../platform/config/config.js';
import { Authenticator, hasScope } from '../../platform/http-server/access.js';
import { PayloadInspector } from '../contract.js';
import { type Admission, admitByKey, DEFAULT_PROJECT_SLUG, type Refused } from '../core/admission.js';
import type { EventSource, KeyedRequest, OpenedRequest } from '../core/event-source.js';
import { arrivalOf, type CollectReply, type CollectRequest, count, Intake } from './intake.js';

/** A request of a source that opens its requests. */
export interface KeyedCollectRequest extends CollectRequest {
  source: EventSource & Required<Pick<EventSource, 'open'>>;
  header: KeyedRequest['header'];
}

const NOTHING = Buffer.alloc(0);

/** Takes requests of clients that name their project by a key into the journal, and answers when they are durable. */
@Injectable()
export class KeyedHandler {
  private readonly bodyLimitBytes: number;
  private readonly inflatedLimitBytes: number;

  constructor(
    config: Config,
    private readonly projects: Projects,
    private readonly authenticator: Authenticator,
    private readonly inspector: PayloadInspector,
    private readonly intake: Intake,
  ) {
    this.bodyLimitBytes = config.get('COLLECT_BODY_LIMIT_BYTES');
    this.inflatedLimitBytes = config.get('COLLECT_INFLATED_LIMIT_BYTES');
  }

  async store(request: KeyedCollectRequest): Promise<CollectReply> {
    try {
      this.intake.assertRead(request);
      const { opened, admission } = await this.admit(request);
      await this.intake.append(this.intake.toEnvelope(request, admission, opened), admission);
      return this.intake.answer(request, admission);
    } catch (error) {
      return this.intake.shed(request, error);
    }
  }

  /** Decodes the request before it is stored, so that the client hears of each record what became of it. */
  async judge(request: KeyedCollectRequest): Promise<CollectReply> {
    try {
      this.intake.assertRead(request);
      const { opened, admission } = await this.admit(request);
      const envelope = this.intake.toEnvelope(request, admission, opened);
      const verdict = admission.outcome === 'stored' ? await this.inspector.judge(envelope) : null;
      const final = verdict?.failure ? refusedFor(verdict.failure, admission) : admission;
      await this.intake.append(envelope, final);
      if (!verdict || verdict.failure || !request.source.tell) return this.intake.answer(request, final);
      count(request.source, final.outcome);
      return { ...request.source.tell(verdict), isForeign: false };
    } catch (error) {
      return this.intake.shed(request, error);
    }
  }

  private async admit(
    request: KeyedCollectRequest,
  ): Promise<{ opened: OpenedRequest; admission: Admission }> {
    const { path, query, header, body, source } = request;
    const whole = body.isTooLarge ? NOTHING : body.bytes;
    const opened = source.open({ path, query, header, body: whole }, this.inflatedLimitBytes);
    const rules = await this.findRules(opened.key, request.project);
    const { key, failure } = opened;
    const arrival = arrivalOf(request, this.bodyLimitBytes);
    const admission = admitByKey(arrival, { rules, hasKey: key !== null, failure });
    return { opened: body.isTooLarge ? { ...opened, body: body.bytes } : opened, admission };
  }

  /** The rules of the project that the key is good for; a project in the query must be that one. */
  private async findRules(key: string | null, slug: string | null): Promise<CollectRules | null> {
    if (key === null) return this.findOpen(slug);
    const rules = (await this.projects.collectRulesByKey(key)) ?? (await this.findByApiKey(key, slug));
    return slug !== null && rules?.slug !== slug ? null : rules;
  }

  /** A project without collect tokens takes events from everybody who names it. */
  private async findOpen(slug: string | null): Promise<CollectRules | null> {
    const rules = slug === null ? null : await this.projects.collectRules(slug);
    return rules?.acceptsToken(null) ? rules : null;
  }

  private async findByApiKey(key: string, slug: string | null): Promise<CollectRules | null> {
    const principal = await this.authenticator.findPrincipal(key);
    if (!principal || !hasScope(principal.scopes, 'collect')) return null;
    if (principal.projectId === null) return this.projects.collectRules(slug ?? DEFAULT_PROJECT_SLUG);
    return this.projects.collectRules((await this.projects.get(principal.projectId)).slug);
  }
}

function refusedFor(
  failure: { reason: Refused['reason']; detail: string },
  { projectId }: Admission,
): Refused {
  const { reason, detail } = failure;
  const outcome =
    reason === 'inflated_too_large' || reason === 'too_many_records' ? 'too_large' : 'unreadable';
  return { outcome, projectId, reason, detail };
}
