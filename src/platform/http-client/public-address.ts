import ipaddr from 'ipaddr.js';

/** Whether an IP address is one of the public internet: not loopback, private, link-local or reserved. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` turns an IPv4 address mapped into IPv6 back into IPv4.
  return ipaddr.process(address).range() === 'unicast';
}
