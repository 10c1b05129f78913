import { gunzipSync } from 'node:zlib';
import { dead, type Failure } from './outcome.js';

/** JSON of events packs to a fiftieth at the best. */
const MOST_PER_BYTE = 100;
/** Allowed in any case. */
const ALLOWED_BYTES = 64 * 1024;

/**
 * How large the payloads of one request may become. In proportion to what came, so that the requests of one batch
 * cannot become gigabytes together; what is packed twice counts as a whole.
 */
export function inflatedLimit(requestBytes: number, configuredBytes: number): number {
  return Math.min(configuredBytes, Math.max(ALLOWED_BYTES, requestBytes * MOST_PER_BYTE));
}

/**
 * Unpacks bytes that start like gzip; others come back as they are.
 * @returns a failure for broken gzip, and for anything that would be larger than the limit or than 100 times itself
 */
export function inflate(bytes: Buffer, limitBytes: number): Buffer | Failure {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    return bytes.length > limitBytes ? tooLarge(limitBytes) : bytes;
  }
  const ownLimitBytes = inflatedLimit(bytes.length, limitBytes);
  try {
    return gunzipSync(bytes, { maxOutputLength: ownLimitBytes });
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(ownLimitBytes);
    return dead('undecodable_gzip', `The gzip data is broken (${String(code)}).`);
  }
}

function tooLarge(limitBytes: number): Failure {
  return dead('inflated_too_large', `The payload is larger than ${limitBytes} bytes.`);
}
