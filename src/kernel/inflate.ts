import { gunzipSync } from 'node:zlib';
import { dead, type Failure } from './outcome.js';

/**
 * Unpacks bytes that start like gzip; others come back as they are.
 * @returns a failure for broken gzip and for anything that would be larger than the limit
 */
export function inflate(bytes: Buffer, limitBytes: number): Buffer | Failure {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    return bytes.length > limitBytes ? tooLarge(limitBytes) : bytes;
  }
  try {
    return gunzipSync(bytes, { maxOutputLength: limitBytes });
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(limitBytes);
    return dead('undecodable_gzip', `The gzip data is broken (${String(code)}).`);
  }
}

function tooLarge(limitBytes: number): Failure {
  return dead('inflated_too_large', `The payload is larger than ${limitBytes} bytes.`);
}
