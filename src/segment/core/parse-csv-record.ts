/** A value in quotes, in which two quotes stand for one. */
const QUOTED = /"((?:[^"]|"")*)"/y;

/**
 * The values of one record of CSV (RFC 4180); null where a quote is not closed, or text follows one that is.
 * @param delimiter `,`, `;` or a tab
 */
export function parseCsvRecord(text: string, delimiter: string): string[] | null {
  const values: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      QUOTED.lastIndex = at;
      const match = QUOTED.exec(text);
      if (match?.[1] === undefined) return null;
      values.push(match[1].replaceAll('""', '"'));
      at += match[0].length;
    } else {
      const end = text.indexOf(delimiter, at);
      const value = text.slice(at, end < 0 ? text.length : end);
      values.push(value);
      at += value.length;
    }
    if (at === text.length) return values;
    if (text[at] !== delimiter) return null;
    at++;
  }
}
