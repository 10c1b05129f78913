import { checkTargetUrl } from './target-url.js';

const OWN = 'https://go.example.com';

describe('where a link may lead', () => {
  it.each([
    ['an ordinary page', 'https://shop.example.org/a?b=1#c', 'https://shop.example.org/a?b=1#c'],
    ['plain http', 'http://shop.example.org', 'http://shop.example.org/'],
    ['spaces around it are dropped', '  https://shop.example.org/a ', 'https://shop.example.org/a'],
    [
      'a name in Chinese becomes ASCII',
      'https://例子.example.org/路',
      'https://xn--fsqu00a.example.org/%E8%B7%AF',
    ],
    [
      'what is encoded stays so',
      'https://shop.example.org/?q=%E8%B7%AF+a%20b',
      'https://shop.example.org/?q=%E8%B7%AF+a%20b',
    ],
    [
      'another port of our host is another service',
      'https://go.example.com:8443/x',
      'https://go.example.com:8443/x',
    ],
    [
      'a line break cannot split a header',
      'https://shop.example.org/a\r\nSet-Cookie:x',
      'https://shop.example.org/aSet-Cookie:x',
    ],
  ])('allows: %s', (_case, text, href) => {
    expect(checkTargetUrl(text, OWN)).toEqual({ kind: 'ok', href });
  });

  it.each([
    ['a path', '/page', 'not_a_url'],
    ['nothing', '', 'not_a_url'],
    ['a script', 'javascript:alert(1)', 'scheme_not_allowed'],
    ['inline data', 'data:text/html,x', 'scheme_not_allowed'],
    ['a local file', 'file:///etc/hosts', 'scheme_not_allowed'],
    ['a mail address', 'mailto:someone@example.org', 'scheme_not_allowed'],
    [
      'a user name that hides the real host',
      'https://bank.example.org@evil.example.com/',
      'credentials_in_url',
    ],
    ['one of our own links', 'https://go.example.com/t/abc', 'own_domain'],
    ['our host in capitals with the default port', 'HTTPS://GO.EXAMPLE.COM:443/t/abc', 'own_domain'],
    ['our host over plain http', 'http://go.example.com/t/abc', 'own_domain'],
    ['more than 2048 characters', `https://shop.example.org/${'a'.repeat(2048)}`, 'too_long'],
    ['more than 2048 characters once encoded', `https://shop.example.org/${'路'.repeat(300)}`, 'too_long'],
  ])('refuses: %s', (_case, text, reason) => {
    expect(checkTargetUrl(text, OWN)).toMatchObject({ kind: 'refused', reason });
  });
});
