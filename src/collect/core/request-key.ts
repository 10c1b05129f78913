/** The key of a request: the user name of HTTP Basic, or a bearer token. Null where there is none. */
export function readRequestKey(authorization: string | null): string | null {
  const match = /^(basic|bearer) +(\S+)$/i.exec(authorization ?? '');
  const credentials = match?.[2];
  if (credentials === undefined) return null;
  if (match?.[1]?.toLowerCase() === 'bearer') return credentials;
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const user = colon === -1 ? pair : pair.slice(0, colon);
  return user === '' ? null : user;
}
