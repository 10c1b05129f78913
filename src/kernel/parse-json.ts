import type { Json } from './json.js';
import { dead, type Failure } from './outcome.js';

/** Shorter text is parsed as it is: whatever stands in it, that takes a tenth of a second at the most. */
const HARMLESS_LENGTH = 1024 * 1024;
/** 10,000 records of 100 values each. */
export const MAX_VALUES = 1_000_000;
export const MAX_NESTING = 200;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** Parses JSON that a client sent, in bounded time and memory. */
export function parseJson(text: string): { kind: 'ok'; value: Json } | Failure {
  const refused = refuseComplex(text);
  if (refused) return refused;
  try {
    return { kind: 'ok', value: JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as Json };
  } catch {
    return dead('invalid_json', 'The payload is not JSON.');
  }
}

/**
 * To be asked before text of a client is parsed: some megabytes of brackets or of different names would cost seconds and
 * a gigabyte. Null: the text is harmless.
 */
export function refuseComplex(text: string): Failure | null {
  if (text.length <= HARMLESS_LENGTH || !isTooComplex(text)) return null;
  const detail = `The payload has more than ${MAX_VALUES} values or more than ${MAX_NESTING} levels.`;
  return dead('too_complex', detail);
}

/** Counts commas and opening brackets outside of strings; of text that is not JSON the answer means nothing. */
function isTooComplex(text: string): boolean {
  let values = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(text, i);
    } else if (code === COMMA) {
      values++;
    } else if (isOpening(code)) {
      values++;
      depth++;
    } else if (isOpening(code - 2)) {
      depth--;
    }
    if (values > MAX_VALUES || depth > MAX_NESTING) return true;
  }
  return false;
}

/** `[` and `{`; the closing ones lie two behind them. */
function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

/** Index of the quote that ends the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
