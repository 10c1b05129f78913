import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.js';
import { dead, type Failure } from '../../kernel/outcome.js';
import { ANONYMOUS_KEY, identitiesOfRecord, LOGIN_KEY, MAX_ID_LENGTH, toId } from './identities-of-record.js';

/** Whom a record is about, in the words of a client that tells logins and anonymous ids apart. */
export interface NamedPerson {
  /** Id of a signed-in person. */
  userId: Json | undefined;
  /** Id of a device or browser. */
  anonymousId: Json | undefined;
  /** Further identities, key → value, with legal keys. */
  identities?: JsonObject;
}

export interface Person {
  kind: 'ok';
  distinctId: string;
  identities: Record<string, string>;
}

/**
 * Makes the distinct id and the identities of a record out of the ids that it names. The login id comes first, then
 * the anonymous one, then the first of the others as `key+value`, which is how SDKs write an identity as distinct id.
 */
export function personOf(named: NamedPerson): Person | Failure {
  const userId = readId(named.userId);
  const anonymousId = readId(named.anonymousId);
  if (userId === undefined || anonymousId === undefined) {
    return dead(
      'invalid_name',
      `An id is a text of at most ${MAX_ID_LENGTH} characters that can all be stored.`,
    );
  }
  const identities: JsonObject = isJsonObject(named.identities) ? { ...named.identities } : {};
  if (userId !== null) identities[LOGIN_KEY] = userId;
  if (anonymousId !== null) identities[ANONYMOUS_KEY] = anonymousId;
  const distinctId = toId(identities[LOGIN_KEY]) ?? toId(identities[ANONYMOUS_KEY]) ?? firstOf(identities);
  if (distinctId === null) return dead('missing_distinct_id', 'The record names nobody.');
  const isLogin = identities[LOGIN_KEY] !== undefined;
  const kind = { isLogin, isUnbind: false };
  return { kind: 'ok', distinctId, identities: identitiesOfRecord({ identities }, distinctId, kind) };
}

/** Null: there is none. Undefined: there is one that cannot be kept. */
function readId(raw: Json | undefined): string | null | undefined {
  if (raw === undefined || raw === null || raw === '') return null;
  return toId(raw) ?? undefined;
}

function firstOf(identities: JsonObject): string | null {
  for (const key in identities) {
    const value = toId(identities[key]);
    if (value !== null) return toId(`${key}+${value}`) ?? value;
  }
  return null;
}
