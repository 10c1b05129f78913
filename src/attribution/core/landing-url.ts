/**
 * The landing page of a link for one click: the page's own parameters win over the link's UTM ones, and
 * `ad_click_id` tells the page's SDK which click it was.
 */
export function toLandingUrl(landingUrl: string, utm: Record<string, string>, clickId: string): string {
  const url = new URL(landingUrl);
  for (const [name, value] of Object.entries(utm)) {
    if (!url.searchParams.has(name)) url.searchParams.set(name, value);
  }
  url.searchParams.set('ad_click_id', clickId);
  return url.toString();
}
