import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import type { KeyKind, PairKind } from './key-ring.js';

/** A key as it is stored. */
export interface KeyMaterial {
  /** PKCS #8 DER of a private key; the bytes of an `aes` key. */
  material: Buffer;
  /** As SDKs want it: SPKI DER in base64; for `sm2` the uncompressed point in hex. Null for `aes`. */
  publicKey: string | null;
}

const RSA_BITS = 2048;
/** A longer one costs so much for each new device that a few senders could keep a worker busy. */
const MAX_RSA_BITS = 4096;
const CURVES: ReadonlySet<string | undefined> = new Set([
  'prime256v1',
  'secp256k1',
  'secp384r1',
  'secp521r1',
]);
const AES_BYTES = 16;
const AES_LENGTHS: ReadonlySet<number> = new Set([16, 24, 32]);
const POINT_BYTES = 65;
const SM2_OID = Buffer.from('06082a811ccf5501822d', 'hex');
/** Beginning of PKCS #8 for SM2, up to the private number; RFC 5958 and RFC 5915. */
const SM2_PKCS8_PREFIX = Buffer.from(
  '3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420',
  'hex',
);

/** Makes a new key: RSA with 2048 bits, EC on P-256, SM2, or AES with 128 bits. */
export async function makeKey(kind: KeyKind): Promise<KeyMaterial> {
  if (kind === 'aes') return { material: randomBytes(AES_BYTES), publicKey: null };
  return toKeyMaterial(kind, await makePrivateKey(kind));
}

/**
 * Reads a key that a person brings.
 * @param text a private key as PEM, or as PKCS #8 DER in base64; for `sm2` also its number in hex; for `aes` base64
 * @returns a sentence for people where it is no such key
 */
export function readKey(kind: KeyKind, text: string): KeyMaterial | string {
  if (kind === 'aes') {
    const material = Buffer.from(text, 'base64');
    return AES_LENGTHS.has(material.length)
      ? { material, publicKey: null }
      : 'An AES key is 16, 24 or 32 bytes in base64.';
  }
  const privateKey = parsePrivateKey(kind, text.trim());
  return privateKey && isOfKind(kind, privateKey) ? toKeyMaterial(kind, privateKey) : DEMANDS[kind];
}

const DEMANDS: Readonly<Record<PairKind, string>> = {
  rsa: `This is no RSA private key of ${RSA_BITS} to ${MAX_RSA_BITS} bits in whole bytes, as PEM or base64 of PKCS #8.`,
  ec: 'This is no private key on P-256, P-384, P-521 or secp256k1, as PEM or base64 of PKCS #8.',
  sm2: 'This is no SM2 private key, as PEM, base64 of PKCS #8 or 64 hex digits.',
};

function makePrivateKey(kind: PairKind): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, _publicKey: KeyObject, privateKey: KeyObject) =>
      error ? reject(error) : resolve(privateKey);
    if (kind === 'rsa') generateKeyPair('rsa', { modulusLength: RSA_BITS }, done);
    else generateKeyPair('ec', { namedCurve: kind === 'sm2' ? 'SM2' : 'prime256v1' }, done);
  });
}

function parsePrivateKey(kind: PairKind, text: string): KeyObject | null {
  try {
    if (text.startsWith('-----')) return createPrivateKey(text);
    const isNumber = kind === 'sm2' && /^[0-9a-f]{64}$/i.test(text);
    const der = isNumber
      ? Buffer.concat([SM2_PKCS8_PREFIX, Buffer.from(text, 'hex')])
      : Buffer.from(text, 'base64');
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    return null;
  }
}

function isOfKind(kind: PairKind, key: KeyObject): boolean {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  switch (kind) {
    case 'rsa':
      return (
        key.asymmetricKeyType === 'rsa' &&
        modulusLength >= RSA_BITS &&
        modulusLength <= MAX_RSA_BITS &&
        modulusLength % 8 === 0
      );
    case 'ec':
      return key.asymmetricKeyType === 'ec' && CURVES.has(namedCurve);
    case 'sm2':
      // Node does not tell the curve of such a key that was read.
      return toSpki(key).includes(SM2_OID);
  }
}

function toKeyMaterial(kind: PairKind, privateKey: KeyObject): KeyMaterial {
  const spki = toSpki(privateKey);
  return {
    material: privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicKey: kind === 'sm2' ? spki.subarray(-POINT_BYTES).toString('hex') : spki.toString('base64'),
  };
}

function toSpki(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
}
