import { findLinks, rewriteHtml } from './rewrite-html.js';

/** Numbers every tracked link, as the link stage would shorten it. */
function shorten(html: string, pixelUrl: string | null = null): string {
  const links = findLinks(html);
  return rewriteHtml(html, links, {
    urls: links.tracked.map((_link, index) => `https://s.example/${index}`),
    pixelUrl,
  });
}

describe('rewriting links', () => {
  it.each([
    [
      'a web link gets its short link',
      '<p><a href="https://shop.example.com/">Shop</a></p>',
      '<p><a href="https://s.example/0">Shop</a></p>',
    ],
    [
      'single quotes, no quotes and upper case are links too',
      `<A class=x HREF='http://a.example/1'>1</A><a href=http://a.example/2 id=y>2</a>`,
      '<A class=x href="https://s.example/0">1</A><a href="https://s.example/1" id=y>2</a>',
    ],
    [
      'a link that opts out stays',
      '<a data-rekindle="off" href="https://a.example/">a</a>',
      '<a data-rekindle="off" href="https://a.example/">a</a>',
    ],
    [
      'mail, phone, anchor and relative links stay',
      '<a href="mailto:a@example.com">m</a><a href="tel:1">t</a><a href="#x">x</a><a href="/x">y</a>',
      '<a href="mailto:a@example.com">m</a><a href="tel:1">t</a><a href="#x">x</a><a href="/x">y</a>',
    ],
    [
      'a link that would run code leads nowhere',
      '<a href="java\nscript:alert(1)">a</a><a href=" JavaScript:alert(1)">b</a>',
      '<a href="#">a</a><a href="#">b</a>',
    ],
    [
      'comments, styles and other tags stay byte for byte',
      '<!--[if mso]><a href="http://a.example">x</a><![endif]--><style>a[href="http://a.example"]{}</style><link href="http://a.example/x.css"><img src="http://a.example/x.png"/>',
      '<!--[if mso]><a href="http://a.example">x</a><![endif]--><style>a[href="http://a.example"]{}</style><link href="http://a.example/x.css"><img src="http://a.example/x.png"/>',
    ],
    [
      'the first of two targets counts',
      '<a href="http://a.example/1" href="http://a.example/2">a</a>',
      '<a href="https://s.example/0" href="http://a.example/2">a</a>',
    ],
  ])('%s', (_sentence, html, expected) => {
    expect(shorten(html)).toBe(expected);
  });

  it('reads entities in the target', () => {
    const { tracked } = findLinks('<a href="https://a.example/?a=1&amp;b=2&#61;">a</a>');
    expect(tracked.map(({ url }) => url)).toEqual(['https://a.example/?a=1&b=2=']);
  });

  it('cannot be made to break out of the attribute', () => {
    const html = '<a href="https://a.example/">a</a>';
    const out = rewriteHtml(html, findLinks(html), {
      urls: ['https://s.example/"><script>'],
      pixelUrl: null,
    });
    expect(out).toBe('<a href="https://s.example/&quot;>&lt;script>">a</a>');
  });

  it('puts the pixel before the end of the body', () => {
    const out = shorten('<html><body><p>Hi</p></body></html>', 'https://s.example/p?a=1&b=2');
    expect(out).toMatch(
      /^<html><body><p>Hi<\/p><img src="https:\/\/s\.example\/p\?a=1&amp;b=2"[^>]*><\/body>/,
    );
  });

  it('puts the pixel at the end where there is no body', () => {
    expect(shorten('<p>Hi</p>', 'https://s.example/p')).toMatch(/^<p>Hi<\/p><img [^>]*>$/);
  });
});
