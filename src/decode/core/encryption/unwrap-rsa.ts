import { constants, type KeyObject, privateDecrypt, randomBytes } from 'node:crypto';

const KEY_BYTES = 16;

/**
 * Unwraps an AES-128 key that was wrapped by RSA with PKCS #1 v1.5.
 *
 * Whoever learns whether the padding was right can decrypt foreign keys (Bleichenbacher). So wrong padding gives a
 * random key, in the same time as a right one, and only the payload fails later. Node's own decryption with this
 * padding is no help: it throws or not, depending on the OpenSSL it was built with (CVE-2023-46809).
 *
 * @returns null where the text has not the length of one block
 * Source: RFC 8017 section 7.2.2; RFC 5246 section 7.4.7.1 for the random key. sa-sdk-android (2025-07) and
 *   sa-sdk-ios 4.9.1 wrap 16 bytes in one block.
 */
export function unwrapRsa(privateKey: KeyObject, wrapped: Buffer): Buffer | null {
  const modulusBytes = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  if (wrapped.length !== modulusBytes) return null;
  const random = randomBytes(KEY_BYTES);
  const block = decryptBlock(privateKey, wrapped);
  const separator = block.length - KEY_BYTES - 1;
  let wrong = (block[0] ?? 1) | ((block[1] ?? 0) ^ 2) | (block[separator] ?? 1);
  // A zero before the separator would end the padding early.
  for (let i = 2; i < separator; i++) wrong |= (((block[i] ?? 0) - 1) >> 8) & 1;
  const keepRandom = -Number(wrong !== 0);
  const key = Buffer.alloc(KEY_BYTES);
  for (let i = 0; i < KEY_BYTES; i++) {
    key[i] = ((block[separator + 1 + i] ?? 0) & ~keepRandom) | ((random[i] ?? 0) & keepRandom);
  }
  return key;
}

function decryptBlock(key: KeyObject, wrapped: Buffer): Buffer {
  try {
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, wrapped);
  } catch {
    // The number is not below the modulus.
    return Buffer.alloc(wrapped.length);
  }
}
