import { AD_CLICK_PARAMETER, PAID_MEDIUM, SEARCH_HOSTS, SOCIAL_HOSTS } from './referrer-hosts.js';

/** Where a visit came from. `internal`: from another page of the same site. */
export type ReferrerClass = 'direct' | 'internal' | 'search' | 'social' | 'referral' | 'paid';

export interface Arrival {
  /** Host of the referring page; empty where the browser named none, null where the record does not tell. */
  referrerHost: string | null;
  /** Host of the page itself. */
  host: string | null;
  /** Parameters of the page's address. */
  parameters: string;
  utmSource: string | null;
  utmMedium: string | null;
}

/** Second levels below which sites are registered, such as `co.uk`. */
const SHARED_SECOND_LEVEL = /^(?:ac|co|com|edu|gov|net|or|org)$/;

/**
 * Says what kind of place a visit came from.
 *
 * An ad's mark in the page's own address decides first: the referrer of an ad is that of the page it stood on. A link
 * with a campaign and no referrer is a referral, for somebody wrote the link.
 * @returns null where the record does not tell
 */
export function classifyReferrer(arrival: Arrival): ReferrerClass | null {
  const { referrerHost, host, parameters, utmSource, utmMedium } = arrival;
  if (utmMedium !== null && PAID_MEDIUM.test(utmMedium)) return 'paid';
  if (AD_CLICK_PARAMETER.test(parameters)) return 'paid';
  if (referrerHost !== null && referrerHost !== '') {
    const isInternal =
      host === referrerHost ||
      (host !== null && remembered(sites, host, siteOf) === remembered(sites, referrerHost, siteOf));
    return isInternal ? 'internal' : remembered(placeKinds, referrerHost, kindOf);
  }
  if (utmSource !== null || utmMedium !== null) return classifyMedium(utmMedium);
  return referrerHost === '' ? 'direct' : null;
}

function classifyMedium(medium: string | null): ReferrerClass {
  if (medium === 'organic') return 'search';
  return medium === 'social' ? 'social' : 'referral';
}

const REMEMBERED = 2_000;
const sites = new Map<string, string>();
const placeKinds = new Map<string, 'social' | 'search' | 'referral'>();

/** Looks a host up among those met before: sites see the same few all day. */
function remembered<T>(known: Map<string, T>, host: string, find: (host: string) => T): T {
  const present = known.get(host);
  if (present !== undefined) return present;
  if (known.size >= REMEMBERED) known.clear();
  const found = find(host);
  known.set(host, found);
  return found;
}

function kindOf(host: string): 'social' | 'search' | 'referral' {
  if (isAmong(SOCIAL, host)) return 'social';
  return isAmong(SEARCH, host) ? 'search' : 'referral';
}

/** The part of a host name that one owner registers, by rule of thumb; addresses in numbers as they are. */
function siteOf(host: string): string {
  const labels = host.split('.');
  const [second = '', top = ''] = labels.slice(-2);
  if (/^\d*$/.test(top)) return host;
  const isShared = top.length === 2 && SHARED_SECOND_LEVEL.test(second);
  return labels.slice(isShared ? -3 : -2).join('.');
}

interface HostList {
  exact: ReadonlySet<string>;
  /** Names below any top level, such as `google`. */
  anyTopLevel: ReadonlySet<string>;
}

const SEARCH = toList(SEARCH_HOSTS);
const SOCIAL = toList(SOCIAL_HOSTS);

function toList(hosts: readonly string[]): HostList {
  return {
    exact: new Set(hosts.filter((host) => !host.endsWith('.*'))),
    anyTopLevel: new Set(hosts.filter((host) => host.endsWith('.*')).map((host) => host.slice(0, -2))),
  };
}

function isAmong({ exact, anyTopLevel }: HostList, host: string): boolean {
  for (let at = 0; at !== -1; at = nextLabel(host, at)) {
    if (exact.has(host.slice(at))) return true;
  }
  return anyTopLevel.has(siteOf(host).split('.', 1)[0] ?? '');
}

/** Where the label after the one at `from` begins; -1 at the end. */
function nextLabel(host: string, from: number): number {
  const dot = host.indexOf('.', from);
  return dot === -1 ? -1 : dot + 1;
}
