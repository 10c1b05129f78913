import { inflate } from '../../kernel/inflate.js';
import type { Json } from '../../kernel/json.js';
import { dead, type Failure } from '../../kernel/outcome.js';
import { parseJson } from '../../kernel/parse-json.js';
import { decodeText } from './decode-text.js';
import { javaStringHash } from './java-string-hash.js';

export type CrcCheck = 'matches' | 'mismatch' | 'absent';
export type PayloadEncoding = 'json' | 'base64' | 'base64+gzip';
export type PayloadFailure = Failure;

export interface DecodedPayload {
  kind: 'ok';
  value: Json;
  crc: CrcCheck;
  encoding: PayloadEncoding;
  /** Length of the JSON text in bytes (UTF-16 units where it came as plain JSON). */
  jsonLength: number;
}

/**
 * Turns the text of a `data` or `data_list` parameter into JSON.
 *
 * `gzip=` is not looked at: SDKs leave it out or send 0, 1, 9 or 13 for what the bytes tell better. A wrong `crc`
 * is reported and changes nothing, for an answer of 4xx would make phones delete the batch.
 *
 * @param text percent-decoded once
 * @param crc the checksum that came with it, null where none came
 * Source: SensorsData Web 1.27, Android, iOS, Node 1.2, Java and Python SDKs.
 */
export function decodePayload(
  text: string,
  crc: number | null,
  inflatedLimitBytes: number,
): DecodedPayload | PayloadFailure {
  const start = firstCharacter(text);
  const isJson = start === '{' || start === '[';
  // Clients that do not write + as %2B make a form decoder read a space.
  const repaired = isJson ? text : repairBase64(text);
  const check = crc === null ? 'absent' : javaStringHash(repaired) === crc ? 'matches' : 'mismatch';
  if (isJson) return toPayload(repaired, { crc: check, encoding: 'json', jsonLength: repaired.length });
  const bytes = decodeBase64(repaired);
  if (!bytes) return dead('undecodable_base64', 'The parameter is neither base64 nor JSON.');
  const inflated = inflate(bytes, inflatedLimitBytes);
  if (!Buffer.isBuffer(inflated)) return inflated;
  const json = decodeText(inflated);
  if (json === null) return dead('invalid_json', 'The payload is not UTF-8.');
  const encoding = inflated === bytes ? 'base64' : 'base64+gzip';
  return toPayload(json, { crc: check, encoding, jsonLength: inflated.length });
}

function toPayload(
  text: string,
  facts: Omit<DecodedPayload, 'kind' | 'value'>,
): DecodedPayload | PayloadFailure {
  const parsed = parseJson(text);
  return parsed.kind === 'dead' ? parsed : { ...parsed, ...facts };
}

/** The first character that is not white space or a byte order mark. */
function firstCharacter(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x20 && code !== 0xfeff) return text.charAt(i);
  }
  return '';
}

/** Undoes what transport does to base64: a + that became a space, and line breaks. */
export function repairBase64(text: string): string {
  const unbroken = text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, '') : text;
  return unbroken.includes(' ') ? unbroken.replaceAll(' ', '+') : unbroken;
}

/** Reads both alphabets, with or without padding; null where any other character stands in the text. */
export function decodeBase64(text: string): Buffer | null {
  let length = text.length;
  while (length > 0 && text.charCodeAt(length - 1) === 0x3d) length--;
  const expected = Math.floor((length * 3) / 4);
  if (expected === 0 || length % 4 === 1) return null;
  const bytes = Buffer.from(text, 'base64');
  // Node leaves out what it does not know, so a foreign character shows as a shorter result.
  return bytes.length === expected ? bytes : null;
}
