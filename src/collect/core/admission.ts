import type { CollectRules } from '../../access/contract.js';
import type { ProjectId } from '../../kernel/ids.js';
import type { Failure } from '../../kernel/outcome.js';
import type { DeadReason } from '../../kernel/reasons.js';
import type { CollectOutcome } from './event-source.js';
import { isAllowedOrigin, type RequestOrigin } from './request-origin.js';

/** The project that exists from the start; refused requests that belong to no project are shown there. */
export const DEFAULT_PROJECT_ID: ProjectId = 1;
export const DEFAULT_PROJECT_SLUG = 'default';
const SHOWN_LENGTH = 100;

/** What is known of a request, whoever it is for. */
export interface Arrival extends RequestOrigin {
  bodyBytes: number;
  /** The limit of the installation where the body is over it, else null. */
  exceededLimitBytes: number | null;
}

export type Refused = {
  outcome: Exclude<CollectOutcome, 'stored' | 'shed'>;
  projectId: ProjectId;
  reason: DeadReason;
  detail: string;
};
export type Admission = { outcome: 'stored'; projectId: ProjectId } | Refused;

/**
 * Decides whether a request that names its project by a slug is taken in; one that is not ends as a dead letter of
 * `projectId`.
 */
export function admit(
  arrival: Arrival,
  { slug, rules, token }: { slug: string; rules: CollectRules | null; token: string | null },
): Admission {
  if (rules === null) {
    const detail = `There is no project ${slug.slice(0, SHOWN_LENGTH)}.`;
    return { outcome: 'unknown_project', projectId: DEFAULT_PROJECT_ID, reason: 'unknown_project', detail };
  }
  if (!rules.acceptsToken(token)) {
    const detail = `The project ${slug} does not have this collect token.`;
    return { outcome: 'wrong_token', projectId: rules.projectId, reason: 'wrong_token', detail };
  }
  return admitTo(rules, arrival);
}

/**
 * Decides whether a request that names its project by a key is taken in. Where nobody has the key, it ends as a dead
 * letter of the default project.
 * @param rules of the project that the key is good for, null where it is good for none
 * @param failure why the request cannot be read, null where it can
 */
export function admitByKey(
  arrival: Arrival,
  { rules, hasKey, failure }: { rules: CollectRules | null; hasKey: boolean; failure: Failure | null },
): Admission {
  if (rules === null) {
    const projectId = DEFAULT_PROJECT_ID;
    if (arrival.exceededLimitBytes !== null && !hasKey)
      return tooLarge(projectId, arrival.exceededLimitBytes);
    // Its body may have held the key.
    if (failure !== null && !hasKey) return { outcome: 'unreadable', projectId, ...reasonOf(failure) };
    const detail = hasKey ? 'No project has this key.' : 'The request has no key.';
    return { outcome: 'wrong_token', projectId, reason: 'wrong_token', detail };
  }
  const admission = admitTo(rules, arrival);
  if (admission.outcome !== 'stored' || failure === null) return admission;
  return { outcome: 'unreadable', projectId: rules.projectId, ...reasonOf(failure) };
}

function admitTo(rules: CollectRules, arrival: Arrival): Admission {
  const { projectId, allowedOrigins } = rules;
  if (allowedOrigins.size > 0 && !isAllowedOrigin(allowedOrigins, arrival)) {
    const detail = `The project ${rules.slug} takes nothing from this origin.`;
    return { outcome: 'origin_not_allowed', projectId, reason: 'origin_not_allowed', detail };
  }
  if (arrival.exceededLimitBytes !== null) return tooLarge(projectId, arrival.exceededLimitBytes);
  if (rules.bodyLimitBytes !== null && arrival.bodyBytes > rules.bodyLimitBytes)
    return tooLarge(projectId, rules.bodyLimitBytes);
  return { outcome: 'stored', projectId };
}

function tooLarge(projectId: ProjectId, limitBytes: number): Refused {
  const detail = `The request body is larger than ${limitBytes} bytes.`;
  return { outcome: 'too_large', projectId, reason: 'inflated_too_large', detail };
}

function reasonOf({ reason, detail }: Failure): Pick<Refused, 'reason' | 'detail'> {
  return { reason, detail };
}
