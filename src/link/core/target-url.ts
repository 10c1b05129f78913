/** Longest target that is kept; longer ones break in some browsers and in most mail clients. */
export const MAX_TARGET_LENGTH = 2048;

export type TargetRefusal =
  | 'not_a_url'
  | 'scheme_not_allowed'
  | 'credentials_in_url'
  | 'own_domain'
  | 'too_long';

export type TargetCheck =
  | { kind: 'ok'; href: string }
  | { kind: 'refused'; reason: TargetRefusal; detail: string };

const REFUSALS: Record<TargetRefusal, string> = {
  not_a_url: 'must be a full URL, such as https://example.com/page',
  scheme_not_allowed: 'must start with http:// or https://',
  credentials_in_url: 'must not hold a user name or password',
  own_domain: 'must not lead back to this service: it could go round for ever',
  too_long: `must have at most ${MAX_TARGET_LENGTH} characters`,
};

/**
 * Checks where a link may lead.
 *
 * The URL is kept in its normal form: host in ASCII, everything else percent-encoded, so that it can stand in a
 * `Location` header as it is.
 * @param ownBase address of this service, as `Config.publicUrl` gives it
 * @returns never throws; a refusal carries a sentence for the person who asked
 */
export function checkTargetUrl(text: string, ownBase: string): TargetCheck {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed)) return refuse('not_a_url');
  const url = new URL(trimmed);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('scheme_not_allowed');
  if (url.username !== '' || url.password !== '') return refuse('credentials_in_url');
  if (url.host === new URL(ownBase).host) return refuse('own_domain');
  if (url.href.length > MAX_TARGET_LENGTH) return refuse('too_long');
  return { kind: 'ok', href: url.href };
}

function refuse(reason: TargetRefusal): TargetCheck {
  return { kind: 'refused', reason, detail: REFUSALS[reason] };
}
