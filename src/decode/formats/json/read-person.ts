import { OWN_IDENTITY_KEY, type RecordType } from '../../../kernel/event.js';
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.js';
import { MAX_IDENTITIES, toId } from '../../core/identities-of-record.js';
import { isLegalName } from '../../core/names.js';
import { type Person, personOf } from '../../core/person-of.js';
import { ID_RULE, NAME_RULE, pointerTo, type Wrong, wrong } from './wrong.js';

/** A user id and a distinct id may stand beside. */
const MAX_NAMED = MAX_IDENTITIES - 2;

/** Reads whom an entry is about. */
export function readPerson(raw: JsonObject, type: RecordType): Person | Wrong {
  const identities = readIdentities(raw['identities'] ?? {});
  if (identities.kind === 'dead') return identities;
  const id = ['user_id', 'distinct_id'].find(
    (field) => raw[field] !== undefined && toId(raw[field]) === null,
  );
  if (id !== undefined) return wrong(`/${id}`, 'invalid_value', ID_RULE);
  const { named } = identities;
  if (type === 'unbind' && Object.keys(named).length === 0) {
    return wrong('/identities', 'missing_distinct_id', 'Name the identities that leave the user.');
  }
  const person = personOf({ userId: raw['user_id'], anonymousId: raw['distinct_id'], identities: named });
  if (person.kind === 'dead') return { ...person, pointer: '' };
  // What an unbind names leaves the person, and nothing more.
  return type === 'unbind' ? { ...person, identities: named } : person;
}

function readIdentities(raw: Json): { kind: 'ok'; named: Record<string, string> } | Wrong {
  if (!isJsonObject(raw) || Object.keys(raw).length > MAX_NAMED) {
    const detail = `The identities are an object of at most ${MAX_NAMED} keys and values.`;
    return wrong('/identities', 'invalid_value', detail);
  }
  const named: Record<string, string> = {};
  for (const key of Object.keys(raw)) {
    const pointer = pointerTo('identities', key);
    if (!isLegalName(key) || key === OWN_IDENTITY_KEY) return wrong(pointer, 'invalid_name', NAME_RULE);
    const value = toId(raw[key]);
    if (value === null) return wrong(pointer, 'invalid_value', ID_RULE);
    named[key] = value;
  }
  return { kind: 'ok', named };
}
