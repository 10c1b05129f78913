import { isUtf8 } from 'node:buffer';
import { inflate } from './inflate.js';
import type { Json } from './json.js';
import { dead, type Failure } from './outcome.js';
import { refuseComplex } from './parse-json.js';

/**
 * The text of a body that should be JSON: unpacked where it is gzip, whatever its headers say, and without a byte
 * order mark. Refused is what would take too long to parse.
 */
export function readJsonText(body: Buffer, limitBytes: number): { kind: 'ok'; text: string } | Failure {
  if (body.length === 0) return dead('no_payload', 'The body is empty.');
  const bytes = inflate(body, limitBytes);
  if (!Buffer.isBuffer(bytes)) return bytes;
  if (!isUtf8(bytes)) return dead('invalid_json', 'The body is not UTF-8.');
  const text = bytes.toString('utf8');
  const refused = refuseComplex(text);
  return refused ?? { kind: 'ok', text: text.charCodeAt(0) === 0xfeff ? text.slice(1) : text };
}

/** A body that should be one JSON value, as `readJsonText` reads it. */
export function readJsonBody(body: Buffer, limitBytes: number): { kind: 'ok'; value: Json } | Failure {
  const read = readJsonText(body, limitBytes);
  if (read.kind === 'dead') return read;
  try {
    return { kind: 'ok', value: JSON.parse(read.text) as Json };
  } catch {
    return dead('invalid_json', 'The body is not JSON.');
  }
}
