import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';
import type { ContentKey, KeyKind, PairKind } from './key-ring.js';
import { type CurveKey, unwrapEcies } from './unwrap-ecies.js';
import { unwrapRsa } from './unwrap-rsa.js';
import { unwrapSm2 } from './unwrap-sm2.js';

/** A key of a project, ready to decrypt. Opening one costs about as much as decrypting a hundred payloads. */
export type OpenedKey =
  | { kind: 'pair'; unwrap: (ekey: Buffer) => ContentKey | null }
  | { kind: 'shared'; key: ContentKey };

const CONTENT_KEY_BYTES = 16;
const VERSION_BEFORE_NUMBER = Buffer.of(2, 1, 1, 4);

/** @param material PKCS #8 DER of a private key; the bytes of an `aes` key */
export function openKey(kind: KeyKind, material: Buffer): OpenedKey {
  if (kind === 'aes') return { kind: 'shared', key: { algorithm: toAlgorithm(material), key: material } };
  const unwrap = toUnwrapper(kind, material);
  const algorithm = kind === 'sm2' ? 'sm4-cbc' : 'aes-128-cbc';
  return {
    kind: 'pair',
    unwrap: (ekey) => {
      const key = unwrap(ekey);
      return key?.length === CONTENT_KEY_BYTES ? { algorithm, key } : null;
    },
  };
}

/** Stands for a key that cannot be unwrapped: its payloads fail like any other that was tampered with. */
export function randomContentKey(): ContentKey {
  return { algorithm: 'aes-128-cbc', key: randomBytes(CONTENT_KEY_BYTES) };
}

function toAlgorithm({ length }: Buffer): ContentKey['algorithm'] {
  if (length === 32) return 'aes-256-cbc';
  return length === 24 ? 'aes-192-cbc' : 'aes-128-cbc';
}

function toUnwrapper(kind: PairKind, pkcs8: Buffer): (ekey: Buffer) => Buffer | null {
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  if (kind === 'rsa') return (ekey) => unwrapRsa(privateKey, ekey);
  const key = toCurveKey(kind, privateKey, pkcs8);
  return kind === 'ec' ? (ekey) => unwrapEcies(key, ekey) : (ekey) => unwrapSm2(key, ekey);
}

function toCurveKey(kind: 'ec' | 'sm2', privateKey: KeyObject, pkcs8: Buffer): CurveKey {
  const curve = kind === 'sm2' ? 'SM2' : (privateKey.asymmetricKeyDetails?.namedCurve ?? '');
  const privateNumber = readPrivateNumber(pkcs8);
  return { curve, privateNumber, pointBytes: 1 + 2 * privateNumber.length };
}

/** Inside PKCS #8 stands RFC 5915: SEQUENCE { INTEGER 1, OCTET STRING private number, … }. */
function readPrivateNumber(pkcs8: Buffer): Buffer {
  const start = pkcs8.indexOf(VERSION_BEFORE_NUMBER) + VERSION_BEFORE_NUMBER.length;
  return pkcs8.subarray(start + 1, start + 1 + (pkcs8[start] ?? 0));
}
