import { OWN_VARIABLES, oneLine, USER_ID, VARIABLES } from './recall.schema.js';

describe('variables', () => {
  it.each([
    ['any JSON object is taken', { a: [1, { b: null }], '': '\\u0000 in letters' }, true],
    ['a list is no object', [1], false],
    ['nothing is no object', null, false],
    ['NUL cannot be stored', { a: ['x\0'] }, false],
    ['half a surrogate pair cannot be stored', { a: '\ud800' }, false],
    ['half a surrogate pair in a name neither', { '\udc00': 1 }, false],
    ['an emoji can', { a: '👋' }, true],
    ['64 KiB are the limit', { a: 'x'.repeat(64 * 1024) }, false],
  ])('%s', (_sentence, value, expected) => {
    expect(VARIABLES.safeParse(value).success).toBe(expected);
  });

  it.each(['profile', 'user', 'project', 'campaign', 'message'])('%s is filled by Rekindle', (name) => {
    expect(OWN_VARIABLES.safeParse({ [name]: {} }).success).toBe(false);
    expect(VARIABLES.safeParse({ [name]: {} }).success).toBe(true);
  });
});

describe('one line', () => {
  it.each(['a\nb', 'a\r\nBcc: x', 'a\u0085b', ' ', ''])('refuses %j', (text) => {
    expect(oneLine(10).safeParse(text).success).toBe(false);
  });

  it('takes a sender', () => {
    expect(oneLine(100).parse(' Shop <hello@example.com> ')).toBe('Shop <hello@example.com>');
  });
});

describe('a user', () => {
  it.each([
    ['usr_42', 42],
    ['42', undefined],
    ['usr_0', undefined],
    ['usr_1e3', undefined],
  ])('%s', (text, expected) => {
    expect(USER_ID.safeParse(text).data).toBe(expected);
  });
});
