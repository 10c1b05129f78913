import { createHash, ECDH, timingSafeEqual } from 'node:crypto';
import { agree, type CurveKey, deriveKey, xor } from './unwrap-ecies.js';

const FIELD_BYTES = 32;
const HASH_BYTES = 32;
const UNCOMPRESSED = Buffer.of(4);

/**
 * Unwraps a key that was wrapped by SM2: point, hash, text (C1C3C2). The plug-ins of SensorsData leave out the byte 04
 * before the point, and wrap again where what follows would start with it.
 *
 * Node agrees on the abscissa of the shared point only. Its ordinate is one of two, and the hash tells which.
 *
 * @returns null for what was not wrapped for this key
 * Source: GB/T 32918.4-2016 section 7; sm-encryption of sa-sdk-javascript 1.27.11.
 */
export function unwrapSm2(key: CurveKey, wrapped: Buffer): Buffer | null {
  const whole = wrapped[0] === UNCOMPRESSED[0] ? wrapped : Buffer.concat([UNCOMPRESSED, wrapped]);
  const point = whole.subarray(0, key.pointBytes);
  const hash = whole.subarray(key.pointBytes, key.pointBytes + HASH_BYTES);
  const text = whole.subarray(key.pointBytes + HASH_BYTES);
  if (text.length === 0) return null;
  const abscissa = agree(key, point);
  if (!abscissa) return null;
  for (const sign of [2, 3]) {
    const shared = toCoordinates(Buffer.concat([Buffer.of(sign), abscissa]), key.curve);
    const plain = xor(text, deriveKey(shared, text.length, 'sm3'));
    const expected = createHash('sm3')
      .update(shared.subarray(0, FIELD_BYTES))
      .update(plain)
      .update(shared.subarray(FIELD_BYTES))
      .digest();
    if (timingSafeEqual(expected, hash)) return plain;
  }
  return null;
}

function toCoordinates(compressed: Buffer, curve: string): Buffer {
  const point = ECDH.convertKey(compressed, curve, undefined, 'hex', 'uncompressed');
  return Buffer.from(String(point), 'hex').subarray(1);
}
