import { createECDH, createHash, createHmac, timingSafeEqual } from 'node:crypto';

const MAC_KEY_BYTES = 16;
const MAC_BYTES = 20;
const LABEL_LENGTH = Buffer.alloc(8);

/** A private key on a curve: its number alone. */
export interface CurveKey {
  curve: string;
  privateNumber: Buffer;
  /** Bytes of an uncompressed point: one, and twice the field. */
  pointBytes: number;
}

/**
 * Unwraps a key that was wrapped by ECIES as Bouncy Castle and Crypto++ do it by default: point, text, tag;
 * KDF2 with SHA-1 over point and shared secret gives 16 bytes for HMAC-SHA1 and then the key stream.
 *
 * @returns null for what was not wrapped for this key
 * Source: sa-sdk-android (2025-07) asks SpongyCastle for `ECIES`; sa-sdk-ios-encrypt 1.x uses Crypto++ `ECIES<ECP>`.
 *   Checked against Bouncy Castle 1.72 and Crypto++ 8.7.
 */
export function unwrapEcies(key: CurveKey, wrapped: Buffer): Buffer | null {
  const textBytes = wrapped.length - key.pointBytes - MAC_BYTES;
  if (textBytes < 1) return null;
  const point = wrapped.subarray(0, key.pointBytes);
  const text = wrapped.subarray(key.pointBytes, -MAC_BYTES);
  const secret = agree(key, point);
  if (!secret) return null;
  const derived = deriveKey(Buffer.concat([point, secret]), MAC_KEY_BYTES + textBytes, 'sha1');
  const mac = createHmac('sha1', derived.subarray(0, MAC_KEY_BYTES))
    .update(text)
    .update(LABEL_LENGTH)
    .digest();
  if (!timingSafeEqual(mac, wrapped.subarray(-MAC_BYTES))) return null;
  return xor(text, derived.subarray(MAC_KEY_BYTES));
}

/** The shared secret, as long as a number of the field; null where the bytes are no point of the curve. */
export function agree(key: CurveKey, point: Buffer): Buffer | null {
  const ecdh = createECDH(key.curve);
  ecdh.setPrivateKey(key.privateNumber);
  try {
    return ecdh.computeSecret(point);
  } catch {
    return null;
  }
}

/** KDF2 of IEEE 1363a, which SM2 uses too: hash(secret, counter from 1), again and again. */
export function deriveKey(secret: Buffer, lengthBytes: number, hash: 'sha1' | 'sm3'): Buffer {
  const blocks: Buffer[] = [];
  for (let bytes = 0; bytes < lengthBytes; bytes += blocks.at(-1)?.length ?? lengthBytes) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(blocks.length + 1);
    blocks.push(createHash(hash).update(secret).update(counter).digest());
  }
  return Buffer.concat(blocks, lengthBytes);
}

export function xor(left: Buffer, right: Buffer): Buffer {
  const result = Buffer.from(left);
  for (let i = 0; i < result.length; i++) result[i] = (left[i] ?? 0) ^ (right[i] ?? 0);
  return result;
}
