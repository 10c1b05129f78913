import { findLinks, type HtmlLinks, rewriteHtml } from './rewrite-html.js';
import { putLinks } from './tracked-text.js';

/** Content with its links found, before the short links are known. */
export interface UntrackedContent {
  subject: string;
  html: string;
  /** Links are marked, see tracked-text.ts. */
  text: string;
  textLinks: readonly string[];
}

export interface TrackableMessage {
  content: UntrackedContent;
  htmlLinks: HtmlLinks;
  /** Every target of the message once. */
  targets: string[];
}

/** Finds what has to be shortened in a message. */
export function toTrackable(content: UntrackedContent): TrackableMessage {
  const htmlLinks = findLinks(content.html);
  const targets = new Set([...htmlLinks.tracked.map(({ url }) => url), ...content.textLinks]);
  return { content, htmlLinks, targets: [...targets] };
}

/**
 * Puts the short links and the open pixel in.
 * @param shortUrls by target; a target without one stays as it is
 * @param pixelUrl null for a message that is not tracked, such as a preview
 */
export function trackMessage(
  { content, htmlLinks }: TrackableMessage,
  shortUrls: ReadonlyMap<string, string>,
  pixelUrl: string | null,
): { subject: string; html: string; text: string } {
  const urls = htmlLinks.tracked.map(({ url }) => shortUrls.get(url));
  return {
    subject: content.subject,
    html: content.html.trim() === '' ? '' : rewriteHtml(content.html, htmlLinks, { urls, pixelUrl }),
    text: putLinks(
      content.text,
      content.textLinks.map((url) => shortUrls.get(url) ?? url),
    ),
  };
}
