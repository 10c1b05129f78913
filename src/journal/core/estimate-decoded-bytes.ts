import type { Envelope } from '../../kernel/event.js';

/** What event JSON, which repeats its names, shrinks to by gzip and base64, at least. */
const GZIP_RATIO = 8;
const GZIP_BASE64 = 'H4sI';
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
/** A body says what it is at its beginning, behind a few short form fields. */
const LOOKED_AT = 512;

/**
 * About how many bytes of JSON an envelope decodes to, so that batches are of one size whatever the SDKs compress.
 * A guess from its first bytes: that memory stays bounded does not hang on it, but on the limits of decoding.
 */
export function estimateDecodedBytes({ body, query }: Pick<Envelope, 'body' | 'query'>): number {
  const head = body.subarray(0, LOOKED_AT);
  const isGzip = head.includes(GZIP_BASE64, 0, 'latin1') || head.includes(GZIP_MAGIC);
  return query.length + body.length * (isGzip ? GZIP_RATIO : 1);
}
