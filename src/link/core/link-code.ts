import { customAlphabet } from 'nanoid';

/** Digits and letters without 0, O, I and l, which people confuse when they type a code from paper. */
export const CODE_ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/**
 * Length of a random code. A public link has 58^8 = 1.3e14 possible codes; one made for a recipient tells who
 * clicks, so nobody must find it by trying: 14 characters are 82 bits.
 */
export const CODE_LENGTHS = { public: 8, recipient: 14 } as const;
export type LinkKind = keyof typeof CODE_LENGTHS;

const generators = {
  public: customAlphabet(CODE_ALPHABET, CODE_LENGTHS.public),
  recipient: customAlphabet(CODE_ALPHABET, CODE_LENGTHS.recipient),
};

/** Makes a random code. It may exist already: the unique index decides, and the caller tries again. */
export function newLinkCode(kind: LinkKind): string {
  return generators[kind]();
}

/** Words that are or may become paths of the service, or that people take for such. */
const RESERVED_SLUGS: ReadonlySet<string> = new Set(
  `api admin sa sa.gif debug config static assets health healthz ready metrics docs login logout favicon.ico
  robots.txt sitemap.xml .well-known apple-app-site-association index.html cb check_exist t qr o shortit sd slink
  v1 v2 v3 projects i e capture batch unsubscribe track`.split(/\s+/),
);

const SLUG_PATTERN = /^[A-Za-z0-9_-]{3,64}$/;

export type SlugCheck =
  | { kind: 'ok'; slug: string; key: string }
  | { kind: 'refused'; reason: 'slug_not_allowed' | 'slug_reserved'; detail: string };

/**
 * Checks a code that a person chose.
 * @returns `key`: the form in which custom slugs are unique, so that `Sale` and `sale` are one link
 */
export function checkSlug(slug: string): SlugCheck {
  if (!SLUG_PATTERN.test(slug)) {
    return {
      kind: 'refused',
      reason: 'slug_not_allowed',
      detail: 'has 3 to 64 characters, each a letter, a digit, _ or -',
    };
  }
  const key = slug.toLowerCase();
  if (RESERVED_SLUGS.has(key)) {
    return { kind: 'refused', reason: 'slug_reserved', detail: `${slug} is reserved: choose another one` };
  }
  return { kind: 'ok', slug, key };
}

/** Whether a text out of a request's path can be a code at all; everything else is unknown without a look-up. */
export function isPossibleCode(text: string): boolean {
  return SLUG_PATTERN.test(text);
}
