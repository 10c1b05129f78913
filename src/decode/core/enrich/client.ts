/**
 * Names of libraries that run on a server, in any of their spellings: `Java`, `python`, `analytics-node`,
 * `posthog-php`. A part counts only where it stands by itself, so that `js` or `JavaScript` is none.
 */
const SERVER_LIBRARY =
  /(?:^|[-_. @/])(?:node|nodejs|java|python|php|ruby|go|golang|dotnet|net|c#|csharp|rust|elixir|lua|logagent|[a-z]*importer)(?:$|[-_. ])/i;
const BROWSER = /^Mozilla\/5\.0 \(/;
const REMEMBERED = 1_000;

const known = new Map<string, boolean>();

/**
 * Whether a record was sent by a server, so that neither the address nor the user agent of its request is its user's.
 * A record that does not name its library is a server's unless the request comes from a browser.
 *
 * @param source SDK name and version, as `DecodedRecord.source` has it
 */
export function isFromServer(source: string, userAgent: string): boolean {
  if (source === '') return !BROWSER.test(userAgent);
  const remembered = known.get(source);
  if (remembered !== undefined) return remembered;
  const slash = source.lastIndexOf('/');
  const isServer = SERVER_LIBRARY.test(slash > 0 ? source.slice(0, slash) : source);
  if (known.size >= REMEMBERED) known.clear();
  known.set(source, isServer);
  return isServer;
}
