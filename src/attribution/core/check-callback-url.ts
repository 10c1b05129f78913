/**
 * Says why a callback may not go to an address, or null where it may.
 * Allowed are https addresses on the network's own hosts, and whatever the installation allows by name.
 * @param allowHosts `host` or `host:port`, as in OUTBOUND_ALLOW_HOSTS
 */
export function checkCallbackUrl(
  text: string,
  networkHosts: readonly string[],
  allowHosts: readonly string[],
): string | null {
  if (!URL.canParse(text)) return 'It is not a URL.';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'Only https addresses are called.';
  if (url.username !== '' || url.password !== '') return 'An address with a user name is not called.';
  if (allowHosts.includes(url.host) || allowHosts.includes(url.hostname)) return null;
  if (!networkHosts.includes(url.host)) {
    return `${url.host} is no host of this network (${networkHosts.join(', ')}) and not in OUTBOUND_ALLOW_HOSTS.`;
  }
  return url.protocol === 'https:' ? null : 'The network is called by https only.';
}
