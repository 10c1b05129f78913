/** Campaign parameters that analytics tools read, by the word after `utm_`. */
export const UTM_FIELDS = ['source', 'medium', 'campaign', 'term', 'content'] as const;
export type Utm = { [K in (typeof UTM_FIELDS)[number]]?: string | undefined };

/**
 * Writes UTM parameters into a URL.
 *
 * A given field replaces the parameter of that name wherever it stands; every other part of the URL, its
 * encoding and its fragment included, stays as it is.
 */
export function mergeUtm(targetUrl: string, utm: Utm): string {
  const given = UTM_FIELDS.flatMap((field) => {
    const value = utm[field];
    return value === undefined ? [] : [{ name: `utm_${field}`, value }];
  });
  if (given.length === 0) return targetUrl;
  const hashAt = targetUrl.indexOf('#');
  const fragment = hashAt < 0 ? '' : targetUrl.slice(hashAt);
  const withoutFragment = hashAt < 0 ? targetUrl : targetUrl.slice(0, hashAt);
  const queryAt = withoutFragment.indexOf('?');
  const base = queryAt < 0 ? withoutFragment : withoutFragment.slice(0, queryAt);
  const query = queryAt < 0 ? '' : withoutFragment.slice(queryAt + 1);
  const replaced = new Set(given.map(({ name }) => name));
  const kept = query.split('&').filter((part) => part !== '' && !replaced.has(parameterName(part)));
  const added = given.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`);
  return `${base}?${[...kept, ...added].join('&')}${fragment}`;
}

/** URLSearchParams decodes the name and, other than decodeURIComponent, never throws. */
function parameterName(part: string): string {
  return [...new URLSearchParams(part).keys()][0] ?? '';
}
