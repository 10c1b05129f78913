import { OWN_IDENTITY_KEY } from '../../kernel/event.js';
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.js';
import { isLegalName } from './names.js';
import { isStorable } from './storable-text.js';

/** Identity of a signed-in person. */
export const LOGIN_KEY = '$identity_login_id';
/** Identity of a plain distinct id, whichever SDK made it. */
export const ANONYMOUS_KEY = '$identity_anonymous_id';
/** Of a distinct id where the anonymous key of its record holds another value. */
export const OTHER_DISTINCT_ID_KEY = '$identity_distinct_id';

export const MAX_ID_LENGTH = 255;
export const MAX_IDENTITIES = 50;

/**
 * Every identity that a record names, as key → value, its distinct id included.
 *
 * A record with `identities` (IDM 3) keeps them as they are; one without is known by its distinct id, as a login id
 * where the record says so. The distinct id itself is always named under one plain key beside: a server that reports
 * about a browser's id, or about a login id without saying that it is one, then reaches the same person. Left out is
 * the form `key+value`, which only repeats an identity.
 *
 * Source: SensorsData identity keys, IDM 1 to 3.
 */
export function identitiesOfRecord(
  record: JsonObject,
  distinctId: string,
  kind: { isLogin: boolean; isUnbind: boolean },
): Record<string, string> {
  const identities = namedIdentities(record['identities']);
  // An unbind names what leaves the person, and nothing more.
  if (kind.isUnbind && Object.keys(identities).length > 0) return identities;
  if (isKeyAndValue(distinctId, identities)) return identities;
  if (kind.isLogin) identities[LOGIN_KEY] ??= distinctId;
  addDistinctId(identities, distinctId);
  return identities;
}

/**
 * The key of its own under which a user signed in, where the SDK was told one: its login is then written `key+value`.
 * Null for a login under the usual key, and for records that are no login.
 */
export function ownLoginKey(
  distinctId: string,
  isLogin: boolean,
  identities: Record<string, string>,
): string | null {
  return isLogin && isKeyAndValue(distinctId, identities)
    ? distinctId.slice(0, distinctId.indexOf('+'))
    : null;
}

function namedIdentities(raw: Json | undefined): Record<string, string> {
  const identities: Record<string, string> = {};
  if (!isJsonObject(raw)) return identities;
  let count = 0;
  for (const key in raw) {
    const value = toId(raw[key]);
    if (value === null || key === OWN_IDENTITY_KEY || !isLegalName(key)) continue;
    if (++count > MAX_IDENTITIES) break;
    identities[key] = value;
  }
  return identities;
}

/** Whether the distinct id is `key+value` of an identity, as SDKs write a login under a key of its own. */
function isKeyAndValue(distinctId: string, identities: Record<string, string>): boolean {
  const plus = distinctId.indexOf('+');
  if (plus <= 0) return false;
  const key = distinctId.slice(0, plus);
  return Object.hasOwn(identities, key) && identities[key] === distinctId.slice(plus + 1);
}

function addDistinctId(identities: Record<string, string>, distinctId: string): void {
  identities[ANONYMOUS_KEY] ??= distinctId;
  if (identities[ANONYMOUS_KEY] !== distinctId && identities[LOGIN_KEY] !== distinctId)
    identities[OTHER_DISTINCT_ID_KEY] ??= distinctId;
}

/** A usable id; null where there is none, or none that can be kept whole. Numbers become text. */
export function toId(value: Json | undefined): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text === '' || text.length > MAX_ID_LENGTH) return null;
  return isStorable(text) ? text : null;
}
