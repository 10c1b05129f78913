// Values never hold these characters (template-data.ts), and sources with them are refused on write.
const OPEN = '\u0001';
const CLOSE = '\u0002';
// biome-ignore lint/suspicious/noControlCharactersInRegex: the two marks above
const MARK = /\u0001(\d+)\u0002/g;

/** Marks the place of the link number `index` in a text that is being rendered. */
export function markLink(index: number): string {
  return `${OPEN}${index}${CLOSE}`;
}

/** Puts the links in the places that were marked; `urls` is by number. */
export function putLinks(text: string, urls: readonly string[]): string {
  return text.replace(MARK, (_mark, index: string) => urls[Number(index)] ?? '');
}
