import type { ProjectId } from '../../kernel/ids.js';
import type { CollectOutcome } from './event-source.js';

/** The project that exists from the start; refused requests that belong to no project are shown there. */
export const DEFAULT_PROJECT_ID: ProjectId = 1;
export const DEFAULT_PROJECT_SLUG = 'default';
const SHOWN_LENGTH = 100;

/** What is known of a request when it is to be taken in or refused. */
export interface Arrival {
  slug: string;
  /** Null where there is no such project. */
  projectId: ProjectId | null;
  isTokenAccepted: boolean;
  /** Null where the body is within the limit. */
  exceededLimitBytes: number | null;
}

export type Admission =
  | { outcome: 'stored'; projectId: ProjectId }
  | {
      outcome: Exclude<CollectOutcome, 'stored' | 'shed'>;
      projectId: ProjectId;
      reason: 'unknown_project' | 'wrong_token' | 'inflated_too_large';
      detail: string;
    };

/** Decides whether a request is taken in; one that is not ends as a dead letter of `projectId`. */
export function admit({ slug, projectId, isTokenAccepted, exceededLimitBytes }: Arrival): Admission {
  const shown = slug.slice(0, SHOWN_LENGTH);
  if (projectId === null) {
    const detail = `There is no project ${shown}.`;
    return { outcome: 'unknown_project', projectId: DEFAULT_PROJECT_ID, reason: 'unknown_project', detail };
  }
  if (!isTokenAccepted) {
    const detail = `The project ${shown} does not have this collect token.`;
    return { outcome: 'wrong_token', projectId, reason: 'wrong_token', detail };
  }
  if (exceededLimitBytes !== null) {
    const detail = `The request body is larger than ${exceededLimitBytes} bytes.`;
    return { outcome: 'too_large', projectId, reason: 'inflated_too_large', detail };
  }
  return { outcome: 'stored', projectId };
}
