/** Where a browser says that a request comes from. */
export interface RequestOrigin {
  /** Header `Origin`; null where none was sent. */
  origin: string | null;
  /** Header `Referer`; null where none was sent. */
  referer: string | null;
}

/**
 * Whether a request may come from where it comes from. An image sends no `Origin`, so its `Referer` counts. Phones and
 * servers send neither and pass: the list keeps foreign pages out, it is no secret.
 */
export function isAllowedOrigin(allowed: ReadonlySet<string>, { origin, referer }: RequestOrigin): boolean {
  if (origin !== null) return allowed.has(origin);
  if (referer === null) return true;
  return URL.canParse(referer) && allowed.has(new URL(referer).origin);
}
