import type { DecodedRecord } from '../../kernel/event.js';
import type { ProjectId } from '../../kernel/ids.js';
import { ANONYMOUS_KEY, DEVICE_KEYS, DISTINCT_ID_KEYS, type RuleBook } from './identity-rules.js';

/** One identity in the graph. */
export interface IdentityRef {
  /** Project, key and value in one. */
  id: string;
  projectId: ProjectId;
  key: string;
  value: string;
  /** A user has one value of its key at most. */
  isUnique: boolean;
  /** Only repeats the login that an unbind names, under the key of a plain distinct id. */
  isCopy?: true;
}

export function identityId(projectId: ProjectId, key: string, value: string): string {
  return `${projectId}\u0000${key}\u0000${value}`;
}

export function toIdentityRef(
  projectId: ProjectId,
  key: string,
  value: string,
  rules: RuleBook,
): IdentityRef {
  return { id: identityId(projectId, key, value), projectId, key, value, isUnique: rules.isUnique(key) };
}

/**
 * The identities of a record, in its order. A login brings the anonymous id that it takes over; an unbind of a login
 * takes its plain copies along, so that they do not lead back to the user.
 */
export function identitiesOfRecord(record: DecodedRecord, rules: RuleBook): IdentityRef[] {
  const { projectId, identities, originalId } = record;
  const refs: IdentityRef[] = [];
  let namesOriginal = originalId === null;
  for (const key in identities) {
    const value = identities[key] ?? '';
    namesOriginal ||= value === originalId;
    refs.push(toIdentityRef(projectId, key, value, rules));
  }
  if (!namesOriginal && originalId !== null) {
    refs.push(toIdentityRef(projectId, ANONYMOUS_KEY, originalId, rules));
  }
  return record.type === 'unbind' ? withCopies(refs, rules) : refs;
}

/** The key under which the user of a record signed in, where it is one of the app's own and may be a login. */
export function ownLoginKey({ loginKey }: DecodedRecord): string | null {
  return loginKey === undefined || DEVICE_KEYS.has(loginKey) ? null : loginKey;
}

function withCopies(refs: readonly IdentityRef[], rules: RuleBook): IdentityRef[] {
  const copies = refs
    .filter(({ isUnique }) => isUnique)
    .flatMap(({ projectId, value }) =>
      DISTINCT_ID_KEYS.map((key) => ({
        ...toIdentityRef(projectId, key, value, rules),
        isCopy: true as const,
      })),
    );
  return [...refs, ...copies];
}
