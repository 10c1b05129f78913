import { toStorable } from '../storable-text.js';

export interface UrlParts {
  /** Lower case, without port. */
  host: string;
  path: string;
  /** Without the question mark; empty where there is none. */
  query: string;
  /** Without the number sign. */
  fragment: string;
}

/** Campaign parameters, and the properties that they become. */
export const UTM_PROPERTIES = [
  ['utm_source', '$utm_source'],
  ['utm_medium', '$utm_medium'],
  ['utm_campaign', '$utm_campaign'],
  ['utm_content', '$utm_content'],
  ['utm_term', '$utm_term'],
] as const;

const SCHEME = /^https?:\/\//i;
const HOST = /^(?:.*@)?([^:@[\]]+|\[[0-9a-f:.]+\])(?::\d*)?$/i;
const PLAIN_HOST = /^[a-z0-9.-]+$/;
const ENCODED = /[%+]/;
const MAX_VALUE_LENGTH = 1_024;

/** Takes an http(s) address apart; null for anything else, such as the name of a screen of an app. */
export function splitUrl(url: string): UrlParts | null {
  const scheme = url.startsWith('https://') ? 8 : (SCHEME.exec(url)?.[0].length ?? 0);
  if (scheme === 0) return null;
  // By hand and not by one pattern: this runs for nearly every event of a web site.
  const hash = indexOrEnd(url, '#', scheme, url.length);
  const question = indexOrEnd(url, '?', scheme, hash);
  const slash = indexOrEnd(url, '/', scheme, question);
  const host = toHost(url.slice(scheme, slash));
  if (host === null) return null;
  return {
    host,
    path: url.slice(slash, question),
    query: url.slice(question + 1, hash),
    fragment: url.slice(hash + 1),
  };
}

function indexOrEnd(text: string, character: string, from: number, end: number): number {
  const index = text.indexOf(character, from);
  return index === -1 || index > end ? end : index;
}

/** Without user, password and port. */
function toHost(authority: string): string | null {
  return PLAIN_HOST.test(authority) ? authority : (HOST.exec(authority)?.[1]?.toLowerCase() ?? null);
}

/**
 * The part of an address that holds its parameters: the query, or, where a site keeps its pages behind the number
 * sign (`#/page?a=1`), the query in there.
 */
export function parameterText({ query, fragment }: UrlParts): string {
  const inFragment = fragment.indexOf('?');
  if (inFragment === -1) return query;
  return query === '' ? fragment.slice(inFragment + 1) : `${query}&${fragment.slice(inFragment + 1)}`;
}

/** The first value of a parameter, decoded; null where it is absent or empty. */
export function findParameter(text: string, name: string): string | null {
  let from = 0;
  while (from < text.length) {
    const next = text.indexOf('&', from);
    const end = next === -1 ? text.length : next;
    if (text.startsWith(name, from) && text.charCodeAt(from + name.length) === 0x3d) {
      const value = decode(text.slice(from + name.length + 1, end));
      if (value !== '') return value;
    }
    from = end + 1;
  }
  return null;
}

function decode(text: string): string {
  if (!ENCODED.test(text)) return toStorable(text, MAX_VALUE_LENGTH);
  const spaced = text.replaceAll('+', ' ');
  try {
    return toStorable(decodeURIComponent(spaced), MAX_VALUE_LENGTH);
  } catch {
    // A percent sign that encodes nothing: the text as it came says more than nothing.
    return toStorable(spaced, MAX_VALUE_LENGTH);
  }
}
