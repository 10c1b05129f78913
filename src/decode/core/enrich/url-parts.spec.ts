import { findParameter, parameterText, splitUrl } from './url-parts.js';

describe('splitUrl', () => {
  it.each([
    ['https://Shop.example.com/a/b?x=1&y=2#top', ['shop.example.com', '/a/b', 'x=1&y=2', 'top']],
    ['http://user:secret@example.com:8080', ['example.com', '', '', '']],
    ['https://example.com?x=1', ['example.com', '', 'x=1', '']],
    ['HTTPS://example.com/#/page?x=1', ['example.com', '/', '', '/page?x=1']],
    ['http://[2001:db8::1]:80/a', ['[2001:db8::1]', '/a', '', '']],
  ])('takes %s apart', (url, [host, path, query, fragment]) => {
    expect(splitUrl(url)).toEqual({ host, path, query, fragment });
  });

  it.each([
    '',
    'com.example.MainActivity',
    '/pages/index',
    'file:///a',
    'https://',
    'pages/index?x=https://example.com',
  ])('finds no web address in "%s"', (url) => {
    expect(splitUrl(url)).toBeNull();
  });

  it('takes a hostile address apart in no time', () => {
    const startedAt = performance.now();
    splitUrl(`https://${'a@'.repeat(4_000)}`);
    splitUrl(`https://${'a:'.repeat(4_000)}`);
    expect(performance.now() - startedAt).toBeLessThan(200);
  });
});

describe('findParameter', () => {
  it.each([
    ['the first of two', 'a=1&a=2', 'a', '1'],
    ['one that is encoded', 'x=1&name=%E4%B8%AD+b', 'name', '中 b'],
    ['a broken encoding as it came', 'a=100%', 'a', '100%'],
    ['no part of another name', 'xa=1&ab=2', 'a', null],
    ['nothing in an empty value', 'a=', 'a', null],
    ['the value behind an empty one', 'a=&a=2', 'a', '2'],
  ])('finds %s', (_name, text, name, expected) => {
    expect(findParameter(text, name)).toBe(expected);
  });
});

describe('parameterText', () => {
  it.each([
    ['https://example.com/?a=1', 'a=1'],
    ['https://example.com/#/page?b=2', 'b=2'],
    ['https://example.com/?a=1#/page?b=2', 'a=1&b=2'],
    ['https://example.com/#top', ''],
  ])('of %s is "%s"', (url, expected) => {
    const parts = splitUrl(url);
    expect(parts && parameterText(parts)).toBe(expected);
  });
});
