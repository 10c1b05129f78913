import { Parser } from 'htmlparser2';

/** The `href` attribute of one link, as a span of the source. */
export interface HtmlLink {
  url: string;
  start: number;
  /** Behind the last character. */
  end: number;
}

export interface HtmlLinks {
  /** Web links to be tracked, in the order of the source. */
  tracked: HtmlLink[];
  /** Links whose scheme would run code; they lead nowhere. */
  unsafe: HtmlLink[];
  /** Where the body ends; the length of the source where it has no end tag. */
  bodyEnd: number;
}

const UNSAFE_SCHEME = /^(?:javascript|data|vbscript):/i;
/** Browsers ignore these before and inside a scheme. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that browsers ignore
const IGNORED_IN_SCHEME = /[\u0000-\u0020]/g;

/**
 * Finds the links of an HTML document without changing anything else in it: conditional comments and
 * hand-made quirks of mail templates stay byte for byte. `data-rekindle="off"` keeps a link as it is.
 */
export function findLinks(html: string): HtmlLinks {
  const found: HtmlLinks = { tracked: [], unsafe: [], bodyEnd: html.length };
  let href: HtmlLink | null = null;
  const parser = new Parser({
    onopentagname: () => {
      href = null;
    },
    onattribute: (name, value) => {
      // The first of two attributes of one name counts, as in browsers.
      if (name === 'href') href ??= { url: value.trim(), start: parser.startIndex, end: parser.endIndex };
    },
    onopentag: (name, attributes) => {
      if (name === 'a' && href) sortLink(href, attributes['data-rekindle'], found);
    },
    onclosetag: (name, isImplied) => {
      if (name === 'body' && !isImplied) found.bodyEnd = parser.startIndex;
    },
  });
  parser.end(html);
  return found;
}

function sortLink(href: HtmlLink, tracking: string | undefined, found: HtmlLinks): void {
  if (UNSAFE_SCHEME.test(href.url.replace(IGNORED_IN_SCHEME, ''))) found.unsafe.push(href);
  else if (tracking !== 'off' && /^https?:\/\//i.test(href.url) && URL.canParse(href.url)) {
    found.tracked.push(href);
  }
}

/**
 * Puts the short links in and the open pixel before the end of the body.
 * @param urls by the index of `links.tracked`; where one is missing, the link stays
 */
export function rewriteHtml(
  html: string,
  links: HtmlLinks,
  put: { urls: readonly (string | undefined)[]; pixelUrl: string | null },
): string {
  const edits = [
    ...links.tracked.flatMap((link, index) => {
      const url = put.urls[index];
      return url === undefined ? [] : [{ ...link, text: `href="${escapeAttribute(url)}"` }];
    }),
    ...links.unsafe.map((link) => ({ ...link, text: 'href="#"' })),
    ...(put.pixelUrl === null
      ? []
      : [{ start: links.bodyEnd, end: links.bodyEnd, text: toPixel(put.pixelUrl) }]),
  ].sort((a, b) => a.start - b.start);
  let result = '';
  let position = 0;
  for (const edit of edits) {
    result += html.slice(position, edit.start) + edit.text;
    position = edit.end;
  }
  return result + html.slice(position);
}

function toPixel(url: string): string {
  return `<img src="${escapeAttribute(url)}" width="1" height="1" alt="" style="display:block;border:0">`;
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
