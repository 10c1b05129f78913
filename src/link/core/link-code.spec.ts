import { CODE_ALPHABET, checkSlug, isPossibleCode, newLinkCode } from './link-code.js';

describe('codes of links', () => {
  it('has 58 characters to choose from, none of them easily confused', () => {
    expect(new Set(CODE_ALPHABET).size).toBe(58);
    expect(CODE_ALPHABET).not.toMatch(/[0OIl]/);
  });

  it.each([
    ['public', 8],
    ['recipient', 14],
  ] as const)('makes %s codes of %i characters', (kind, length) => {
    const code = newLinkCode(kind);
    expect(code).toHaveLength(length);
    expect(code).toMatch(new RegExp(`^[${CODE_ALPHABET}]+$`));
    expect(newLinkCode(kind)).not.toBe(code);
  });

  it.each([
    ['Spring_Sale-24', 'spring_sale-24'],
    ['abc', 'abc'],
    ['a'.repeat(64), 'a'.repeat(64)],
  ])('takes the slug %s, unique as %s', (slug, key) => {
    expect(checkSlug(slug)).toEqual({ kind: 'ok', slug, key });
  });

  it.each([
    ['too short', 'ab', 'slug_not_allowed'],
    ['too long', 'a'.repeat(65), 'slug_not_allowed'],
    ['with a slash', 'a/b/c', 'slug_not_allowed'],
    ['with a dot in front', '.well-known', 'slug_not_allowed'],
    ['with a Cyrillic letter that looks Latin', 'sаle', 'slug_not_allowed'],
    ['with an encoded character', 'a%20b', 'slug_not_allowed'],
    ['with a line break at its end', 'sale\n', 'slug_not_allowed'],
    ['an own path', 'api', 'slug_reserved'],
    ['an own path in capitals', 'UnSubscribe', 'slug_reserved'],
  ])('refuses a slug %s', (_case, slug, reason) => {
    expect(checkSlug(slug)).toMatchObject({ kind: 'refused', reason });
  });

  it.each([
    ['abc', true],
    ['a\u0000b', false],
    ['a b', false],
    ['', false],
  ])('tells before any look-up whether %j can be a code: %s', (text, expected) => {
    expect(isPossibleCode(text)).toBe(expected);
  });
});
