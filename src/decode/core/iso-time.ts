import type { Json } from '../../kernel/json.js';

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;
/** The first moment that has 13 digits; `toMilliseconds` would read an earlier one as seconds. */
const FIRST_MS = 1e12;

/**
 * Turns a time of ISO 8601 into milliseconds since 1970; a time without a zone is UTC. Anything else comes back as it
 * is, for `toRecordTime` to judge.
 */
export function fromIsoTime(raw: Json | undefined): Json | undefined {
  if (typeof raw !== 'string') return raw;
  const match = ISO.exec(raw);
  if (!match) return raw;
  const isDate = raw.length === 10;
  const time = Date.parse(`${raw.replace(' ', 'T')}${isDate || match[1] ? '' : 'Z'}`);
  return time >= FIRST_MS ? time : raw;
}
