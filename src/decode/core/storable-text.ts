/** Neither PostgreSQL's jsonb nor its text takes U+0000 or half of a surrogate pair. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const EVERY_UNSTORABLE = /[\0\p{Surrogate}]/gu;

/** Whether every character of a text can be stored. */
export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** The text with what cannot be stored replaced by U+FFFD, cut at `maxLength` UTF-16 units. */
export function toStorable(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? cutAt(text, maxLength) : text;
  return UNSTORABLE.test(cut) ? cut.replace(EVERY_UNSTORABLE, '\uFFFD') : cut;
}

/** Cuts without leaving half of a surrogate pair at the end. */
function cutAt(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
